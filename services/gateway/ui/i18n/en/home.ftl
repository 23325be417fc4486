# The portal's home.
home-title = Home
home-greeting = Welcome to { $product }
home-lead = Hello { $name }, what can we do for you today?
home-shortcuts = Shortcuts
home-recent = Recent { $module }
home-see-all = See all
home-widget-empty = Nothing here yet.
home-widget-unavailable = This part couldn’t be loaded. The rest of the page works.
home-nothing-title = Nothing is switched on yet
home-nothing-text = You are signed in, but no part of the portal is open to you yet. Ask your contact at support.
