//! What somebody typed, what a page shows (`@rel` stands for the links' `rel`), what the text part of a mail says.

pub(super) const CORPUS: &[(&str, &str, &str)] = &[
    // Signatures and lines below a text.
    ("Thanks\n--\nEmma", "<p>Thanks<br>\n--<br>\nEmma</p>", "Thanks\n--\nEmma"),
    ("Thanks\n-- \nEmma", "<p>Thanks<br>\n--<br>\nEmma</p>", "Thanks\n--\nEmma"),
    ("Thanks\n-\nEmma", "<p>Thanks<br>\n-</p>\n<p>Emma</p>", "Thanks\n-\n\nEmma"),
    ("Total\n=====\n12", "<p>Total<br>\n=====<br>\n12</p>", "Total\n=====\n12"),
    ("One\nTwo\n-----\nThree", "<p>One<br>\nTwo</p>\n<hr>\n<p>Three</p>", "One\nTwo\n\n----------\n\nThree"),
    (
        "> Thanks\n> --\n> Emma",
        "<blockquote>\n<p>Thanks<br>\n--<br>\nEmma</p>\n</blockquote>",
        "> Thanks\n> --\n> Emma",
    ),
    ("Best\n\n---\n\nAcme Ltd", "<p>Best</p>\n<hr>\n<p>Acme Ltd</p>", "Best\n\n----------\n\nAcme Ltd"),
    (
        "-----Original Message-----\nFrom: Emma",
        "<p>-----Original Message-----<br>\nFrom: Emma</p>",
        "-----Original Message-----\nFrom: Emma",
    ),
    (
        "Best regards,\nEmma Rossi\nAcme Ltd.",
        "<p>Best regards,<br>\nEmma Rossi<br>\nAcme Ltd.</p>",
        "Best regards,\nEmma Rossi\nAcme Ltd.",
    ),
    // Addresses.
    (
        "See https://x.test/a_b_c?d=1&e=*2*3.",
        "<p>See <a href=\"https://x.test/a_b_c?d=1&amp;e=*2*3\" @rel>https://x.test/a_b_c?d=1&amp;e=*2*3</a>.</p>",
        "See https://x.test/a_b_c?d=1&e=*2*3.",
    ),
    (
        "(https://x.test/a_(b))",
        "<p>(<a href=\"https://x.test/a_(b)\" @rel>https://x.test/a_(b)</a>)</p>",
        "(https://x.test/a_(b))",
    ),
    (
        "www.acme.test, please",
        "<p><a href=\"https://www.acme.test\" @rel>www.acme.test</a>, please</p>",
        "www.acme.test, please",
    ),
    (
        "Write to emma_rossi+x@acme.test!",
        "<p>Write to <a href=\"mailto:emma_rossi+x@acme.test\" @rel>emma_rossi+x@acme.test</a>!</p>",
        "Write to emma_rossi+x@acme.test!",
    ),
    (
        "Emma <emma@acme.test> wrote:",
        "<p>Emma <a href=\"mailto:emma@acme.test\" @rel>emma@acme.test</a> wrote:</p>",
        "Emma emma@acme.test wrote:",
    ),
    ("<https://x.test>", "<p><a href=\"https://x.test\" @rel>https://x.test</a></p>", "https://x.test"),
    (
        "**https://x.test**",
        "<p><strong><a href=\"https://x.test\" @rel>https://x.test</a></strong></p>",
        "https://x.test",
    ),
    (
        "[the manual](https://x.test/m)",
        "<p><a href=\"https://x.test/m\" @rel>the manual</a></p>",
        "the manual <https://x.test/m>",
    ),
    ("[https://x.test](https://x.test)", "<p><a href=\"https://x.test\" @rel>https://x.test</a></p>", "https://x.test"),
    ("`https://x.test`", "<p><code>https://x.test</code></p>", "https://x.test"),
    ("    https://x.test", "<pre><code>https://x.test</code></pre>", "https://x.test"),
    ("HTTP://X.TEST/Y", "<p><a href=\"HTTP://X.TEST/Y\" @rel>HTTP://X.TEST/Y</a></p>", "HTTP://X.TEST/Y"),
    ("foo@bar, a@b.c, http:// and www.", "<p>foo@bar, a@b.c, http:// and www.</p>", "foo@bar, a@b.c, http:// and www."),
    ("[1]: https://x.test", "<p>[1]: <a href=\"https://x.test\" @rel>https://x.test</a></p>", "[1]: https://x.test"),
    ("[TODO]: call", "<p>[TODO]: call</p>", "[TODO]: call"),
    (
        "![shot](https://x.test/1.png)",
        "<p><a href=\"https://x.test/1.png\" @rel>shot</a></p>",
        "shot <https://x.test/1.png>",
    ),
    ("[](https://x.test)", "<p><a href=\"https://x.test\" @rel>https://x.test</a></p>", "https://x.test"),
    (
        "[share](file:///c:/x) [here](/login)",
        "<p>share (file:///c:/x) here (/login)</p>",
        "share (file:///c:/x) here (/login)",
    ),
    // Backslashes and paths.
    (r"\\server\share", r"<p>\\server\share</p>", r"\\server\share"),
    (r"\\server\_private_\*.log!", r"<p>\\server\_private_\*.log!</p>", r"\\server\_private_\*.log!"),
    (
        r"**C:\Temp\** and C:\_data_\[x]",
        r"<p><strong>C:\Temp\</strong> and C:\_data_\[x]</p>",
        r"C:\Temp\ and C:\_data_\[x]",
    ),
    ("D:\\logs\\\nthen", "<p>D:\\logs\\<br>\nthen</p>", "D:\\logs\\\nthen"),
    (
        "a\\\\b and one at the end\\\nnext",
        "<p>a\\\\b and one at the end\\<br>\nnext</p>",
        "a\\\\b and one at the end\\\nnext",
    ),
    (r"\*no emphasis\* and \# no heading", "<p>*no emphasis* and # no heading</p>", "*no emphasis* and # no heading"),
    ("DOMAIN\\emma", "<p>DOMAIN\\emma</p>", "DOMAIN\\emma"),
    // Line breaks, indentation, lists, quotations, code.
    ("one\ntwo  \nthree\n\nfour", "<p>one<br>\ntwo<br>\nthree</p>\n<p>four</p>", "one\ntwo\nthree\n\nfour"),
    (
        "  two blanks\n    four",
        "<p>&nbsp;&nbsp;two blanks<br>\n&nbsp;&nbsp;&nbsp;&nbsp;four</p>",
        "  two blanks\n    four",
    ),
    ("    if x:\n        y()", "<pre><code>if x:\n    y()</code></pre>", "if x:\n    y()"),
    ("```\n> a\nb_c_d\n]: \\\\\n```", "<pre><code>&gt; a\nb_c_d\n]: \\\\\n</code></pre>", "> a\nb_c_d\n]: \\\\"),
    (
        "> you asked\nWe answer",
        "<blockquote>\n<p>you asked</p>\n</blockquote>\n<p>We answer</p>",
        "> you asked\n\nWe answer",
    ),
    ("> a\n>> b", "<blockquote>\n<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n</blockquote>", "> a\n>\n> > b"),
    (
        "Please:\n- restart `printerd`\n- print",
        "<p>Please:</p>\n<ul>\n<li>restart <code>printerd</code></li>\n<li>print</li>\n</ul>",
        "Please:\n\n• restart printerd\n• print",
    ),
    (
        "1. one\n2. two\n   - deep",
        "<ol>\n<li>one</li>\n<li>two\n<ul>\n<li>deep</li>\n</ul>\n</li>\n</ol>",
        "1. one\n2. two\n   • deep",
    ),
    ("3) three\n4) four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>", "3. three\n4. four"),
    ("-5 °C, +39 02 123, #1234", "<p>-5 °C, +39 02 123, #1234</p>", "-5 °C, +39 02 123, #1234"),
    (
        "# Order\n\n| item | no |\n|---|---|\n| pen | 2 |",
        "<h4>Order</h4>\n<table><thead><tr><th>item</th><th>no</th></tr></thead><tbody>\n<tr><td>pen</td><td>2</td></tr>\n</tbody></table>",
        "Order\n\nitem | no\npen | 2",
    ),
    // Signs that are only signs.
    ("2*3*4 and pass*word*1", "<p>2*3*4 and pass*word*1</p>", "2*3*4 and pass*word*1"),
    (
        "*soft* **loud** snake_case_name",
        "<p><em>soft</em> <strong>loud</strong> snake_case_name</p>",
        "soft loud snake_case_name",
    ),
    ("~5 or ~6~ and ~~seven~~", "<p>~5 or ~6~ and <del>seven</del></p>", "~5 or ~6~ and seven"),
    (
        "AT&T &amp; R&D &lt;b&gt; &#169;",
        "<p>AT&amp;T &amp;amp; R&amp;D &amp;lt;b&amp;gt; &amp;#169;</p>",
        "AT&T &amp; R&D &lt;b&gt; &#169;",
    ),
    ("a < b > c <- d", "<p>a &lt; b &gt; c &lt;- d</p>", "a < b > c <- d"),
    ("Price: 5$ | 6€ :-) <3", "<p>Price: 5$ | 6€ :-) &lt;3</p>", "Price: 5$ | 6€ :-) <3"),
    // What attackers write.
    ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<script>alert(1)</script>"),
    ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>", "<img src=x onerror=alert(1)>"),
    (
        "<div\nonclick=x>\nhi **there**\n</div>",
        "<p>&lt;div<br>\nonclick=x&gt;<br>\nhi **there**<br>\n&lt;/div&gt;</p>",
        "<div\nonclick=x>\nhi **there**\n</div>",
    ),
    ("[x](javascript:alert(1))", "<p>x</p>", "x"),
    ("[x](JaVaScRiPt&#58;alert(1)) [y](data:text/html,x)", "<p>x y</p>", "x y"),
    (
        "[x](https://x.test\"onmouseover=alert(1))",
        "<p><a href=\"https://x.test%22onmouseover=alert(1)\" @rel>x</a></p>",
        "x <https://x.test\"onmouseover=alert(1)>",
    ),
    (
        "https://x.test/\"><script>",
        "<p><a href=\"https://x.test/\" @rel>https://x.test/</a>\"&gt;&lt;script&gt;</p>",
        "https://x.test/\"><script>",
    ),
    ("javascript:alert(1) vbscript:x", "<p>javascript:alert(1) vbscript:x</p>", "javascript:alert(1) vbscript:x"),
    (
        "a\u{FDD0}0\u{FDD1}b\u{FDD2} https://x.test",
        "<p>a0b <a href=\"https://x.test\" @rel>https://x.test</a></p>",
        "a0b https://x.test",
    ),
    (
        "[![x](https://a.test/i)](https://b.test)",
        "<p><a href=\"https://b.test\" @rel>x (https://a.test/i)</a></p>",
        "x (https://a.test/i) <https://b.test>",
    ),
    // Other scripts, long words, odd line ends.
    (
        "שלום, **מה** שלומך?\nhttps://x.test/שלום",
        "<p>שלום, <strong>מה</strong> שלומך?<br>\n<a href=\"https://x.test/%D7%A9%D7%9C%D7%95%D7%9D\" @rel>https://x.test/שלום</a></p>",
        "שלום, מה שלומך?\nhttps://x.test/שלום",
    ),
    (
        "مرحبا emma@acme.test",
        "<p>مرحبا <a href=\"mailto:emma@acme.test\" @rel>emma@acme.test</a></p>",
        "مرحبا emma@acme.test",
    ),
    ("日本語https://x.test/あ", "<p>日本語https://x.test/あ</p>", "日本語https://x.test/あ"),
    (
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "<p>Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft</p>",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    ),
    ("a\r\nb\rc\u{0}\u{7}", "<p>a<br>\nb<br>\nc</p>", "a\nb\nc"),
    ("", "", ""),
];
