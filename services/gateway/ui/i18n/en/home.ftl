# The portal's home.
home-title = Home
home-greeting = Welcome to { $product }
home-morning = Good morning, { $name }
home-afternoon = Good afternoon, { $name }
home-evening = Good evening, { $name }
home-waiting = Waiting for you
home-waiting-none = Nothing needs your answer.
home-reply = Reply
home-open = Your open requests
home-open-none = You have no other open requests.
home-solved = { $count ->
    [one] Solved recently: { $number }
   *[other] Solved recently: { $number }
}
dashboard-work = Work
dashboard-duties = Needs attention
view-mine = My queue
view-unassigned = Unassigned
view-answered = Customer answered
view-waiting = Waiting for customer
view-open = Open
view-all = All
view-long-waiting = Waiting longer than three days
home-shortcuts = Shortcuts
home-recent = Recent { $module }
home-see-all = See all
home-widget-empty = Nothing here yet.
home-widget-unavailable = This part couldn’t be loaded. The rest of the page works.
home-nothing-title = Nothing is switched on yet
home-nothing-text = You are signed in, but no part of the portal is open to you yet. Ask your contact at support.
