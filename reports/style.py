"""How the page looks: Okabe-Ito colours, darkened or lightened where they carry text; system fonts; paper."""

from reports.markup import css_string

_SCREEN = """
:root{color-scheme:light dark;--paper:#fff;--ink:#16191d;--soft:#5a626c;--rule:#d5dae0;--wash:#f5f7f9;--shade:#e9edf2;
--pass:#00694d;--fail:#b03f00;--open:#855800;--accent:#0063a0;--pass-fill:#009e73;--fail-fill:#d55e00;
--open-fill:#e69f00;
--usual:#7b8794;--fail-wash:#fdeee4;--open-wash:#fdf4de}
@media(prefers-color-scheme:dark){:root{--paper:#14171b;--ink:#e9ecef;--soft:#a3acb6;--rule:#353b43;--wash:#1b1f25;
--shade:#242a32;--pass:#34c79d;--fail:#ff8d4d;--open:#f0b737;--accent:#63bdf0;--usual:#8a95a1;
--fail-wash:#3a2216;--open-wash:#332a12}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer,nav{max-width:74rem;margin:0 auto;padding:0 1.5rem}
h1,h2,h3,h4,p,ul,dl,figure{margin:0}
h2{font-size:1.35rem;font-weight:600;letter-spacing:-.01em;margin:3.5rem 0 1rem;padding-top:.75rem;
border-top:2px solid var(--ink)}
h3{font-size:1.05rem;font-weight:600;margin:1.75rem 0 .5rem}
h4{font-size:1rem;font-weight:600;margin:1rem 0 .25rem}
a{color:var(--accent);text-underline-offset:.15em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.vh{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;white-space:nowrap}
.emulated{background:repeating-linear-gradient(-45deg,var(--wash) 0 12px,var(--shade) 12px 24px);
border-bottom:1px solid var(--rule);
text-align:center;font-weight:600;padding:.45rem 1rem;font-size:.92rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
header{padding-top:2rem}
.verdict{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1rem;font-size:clamp(2.2rem,8vw,3.6rem);
font-weight:700;line-height:1.1;
letter-spacing:-.02em}
.verdict svg{width:.9em;height:.9em;flex:none}
.tone-pass{color:var(--pass)}.tone-fail{color:var(--fail)}.tone-open{color:var(--open)}.tone-none{color:var(--soft)}
.count{font-size:1.2rem;font-weight:600;margin-top:.6rem}
.where{color:var(--soft);margin-top:.25rem}
.mark{width:.82em;height:.82em;vertical-align:-.06em;margin-right:.4em;flex:none}
.why{list-style:none;padding:0;margin:1.5rem 0 0;border-top:1px solid var(--rule)}
.why li{display:grid;grid-template-columns:8.5rem 1fr 17rem;gap:.1rem 1.25rem;align-items:center;
padding:.6rem 0;
border-bottom:1px solid var(--rule)}
.why a{display:flex;align-items:baseline;white-space:nowrap;overflow:hidden;font-weight:600;
text-decoration:none}.why a:hover{text-decoration:underline}
.why .wide{grid-column:2/4}
.why small{display:block;font-weight:400;color:var(--soft);font-size:.86rem;
white-space:normal}.why a span{min-width:0}
.groups{list-style:none;padding:0;margin:1.25rem 0 0;display:flex;flex-wrap:wrap;gap:.4rem 1.75rem}
.groups b{font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:.9rem 1.25rem;margin-top:1.5rem}
.figures div{display:flex;flex-direction:column-reverse}
.figures dt{color:var(--soft);font-size:.86rem}.figures dd{margin:0;font-size:1.12rem;font-weight:600}
nav{margin-top:1.5rem;font-size:.92rem}nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;
gap:.25rem 1.25rem}
section>p+p{margin-top:.6rem}
.failure{padding:1.25rem 0;border-top:1px solid var(--rule)}.failure:first-of-type{border-top:0;padding-top:0}
.failure h3{margin:0 0 .2rem}
.claim{color:var(--soft);margin:0 0 .5rem}
.said{font-size:1.08rem;font-weight:600;margin:1rem 0 .35rem}
dl div{display:grid;grid-template-columns:11rem 1fr;gap:0 1rem;padding:.12rem 0}
dl.figures div{display:flex;padding:0}
dt{color:var(--soft)}dd{margin:0}
code,pre,.raw{font:.86em/1.45 ui-monospace,"Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",
monospace}
pre{margin:.35rem 0 0;padding:.55rem .75rem;background:var(--wash);border-left:2px solid var(--rule);
white-space:pre-wrap;max-height:22rem;overflow:auto}
dd ul{list-style:none;padding:0}
.bar{display:block;width:19rem;max-width:100%;height:auto}
.bar text,.plot text,.panel text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",
sans-serif;fill:var(--soft)}
.panel text{font-size:10px}
.rail{stroke:var(--rule);stroke-width:2}.zone{stroke:var(--usual);stroke-width:5}
.bound{stroke:var(--ink);stroke-width:2}.guard{fill:url(#hatch)}
.whisker{stroke:var(--ink);stroke-width:1.5}
.dot-pass{fill:var(--pass-fill)}.dot-fail{fill:var(--fail-fill)}.dot-open{fill:var(--open-fill)}
.bar .figure{fill:var(--ink);font-weight:600}.once{color:var(--soft);font-size:.86rem;margin:.35rem 0 0}
.once b{font-weight:600;color:var(--ink)}.k{white-space:nowrap;min-width:7rem}
.bar circle{stroke:var(--paper);stroke-width:1.5}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.86rem;line-height:1.4}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.28rem .9rem .28rem 0;border-bottom:1px solid var(--rule);
font-weight:400;overflow-wrap:normal}
thead th{color:var(--soft);white-space:nowrap;border-bottom:1px solid var(--ink)}
tbody th{font-weight:600}
.n{text-align:right}td,th{white-space:nowrap}.j{white-space:normal;min-width:8rem}.w{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
.p,.f,.o{white-space:nowrap}.p::before{content:"\\25CF  " / "";color:var(--pass)}.f::before{content:"\\2715  " / "";
color:var(--fail)}
.o::before{content:"\\25D0  " / "";color:var(--open)}.f{color:var(--fail);font-weight:600}.p{color:var(--pass)}
.o{color:var(--open)}
details{border-bottom:1px solid var(--rule)}
summary{cursor:pointer;padding:.45rem 0;list-style-position:outside;margin-left:1.1rem}
summary b{font-weight:600;margin-right:.6em}summary small{color:var(--soft);font-size:.86rem;margin-left:.6em}
details>:not(summary){margin-left:1.1rem}
details[open]{padding-bottom:1rem}td details,td details[open]{border:0;padding:0}td summary{padding:0}
.failure .bar{margin:.25rem 0 .75rem}
figure{margin:1rem 0 2rem}figcaption{color:var(--soft);font-size:.9rem}figcaption b{color:var(--ink);font-weight:600}
.plot{display:block;width:100%;min-width:44rem;height:auto}
.state0{fill:var(--wash)}.state1{fill:var(--shade)}.grid{stroke:var(--rule);stroke-width:.75;fill:none}
.plot .name{fill:var(--ink);font-weight:600}.panel .name{fill:var(--ink)}.panel .heavy{font-weight:700}
.series{fill:none;stroke:var(--usual);stroke-width:1.2;stroke-linecap:round;stroke-linejoin:round}
.plot .series{stroke-width:1.6}.plot .n0{stroke:var(--accent)}.plot .n1{stroke:var(--pass-fill)}
.plot .n2{stroke:var(--open-fill)}
.plot .n3{stroke:#cc79a7}.plot text.label{stroke:none;fill:var(--ink)}
.series.odd,.plot .series.odd{stroke:var(--accent);stroke-width:2.4}
.series.failed,.plot .series.failed{stroke:var(--fail-fill);stroke-width:2.4}
.limit{stroke:var(--fail);stroke-width:1.2;stroke-dasharray:5 3;fill:none}.plot .limit-name{fill:var(--fail)}
.small{list-style:none;padding:0;margin-top:.5rem;display:grid;
grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.6rem .9rem}
.panel{display:block;width:100%;height:auto}
.rack{margin-top:1.5rem}.bay p{color:var(--soft);font-size:.78rem;margin:.35rem 0 .15rem}
.bay ul{list-style:none;padding:0;display:grid;gap:2px;grid-template-columns:repeat(auto-fill,minmax(3.7rem,1fr))}
.bay li{position:relative;border-left:4px solid var(--rule);background:var(--wash);
padding:0 .4rem;font-size:.76rem;line-height:1.3rem;
white-space:nowrap;overflow:hidden}
.bay .slot-pass{border-color:var(--pass-fill)}.bay .slot-open{border-color:var(--open-fill);color:var(--open);
background:var(--open-wash);font-weight:600}
.bay .slot-fail{border-color:var(--fail-fill);background:var(--fail-wash);color:var(--fail);font-weight:700}
@media(min-width:64rem){header{display:grid;grid-template-columns:minmax(0,1fr) 9.5rem;gap:0 2.5rem}
.rack{margin-top:.25rem;border:solid var(--soft);border-width:3px 3px 6px;border-radius:3px;padding:.1rem .5rem .5rem;
align-self:start}.bay ul{grid-template-columns:1fr}.bay li{line-height:1.05rem;font-size:.72rem}
.bay p{margin-top:.3rem;font-size:.72rem}}
.plot .lead{stroke-width:1;fill:none}
#finder{margin:0 0 1.5rem}.ask{display:flex;flex-wrap:wrap;gap:.4rem .6rem;align-items:baseline}
#finder input,#finder select,#finder button{font:inherit;color:inherit;background:var(--paper);
border:1px solid var(--soft);border-radius:3px;padding:.2rem .5rem}
#finder th button{border:0;padding:0;color:inherit;cursor:pointer;text-decoration:underline dotted;
text-underline-offset:.2em}#finder th[aria-sort=ascending] button::after{content:" \\2191" / ""}
#finder th[aria-sort=descending] button::after{content:" \\2193" / ""}
footer{margin-top:4rem;padding:1rem 1.5rem 3rem;color:var(--soft);font-size:.86rem}
@media(max-width:46rem){header,main,footer,nav{padding-left:1rem;padding-right:1rem}header{padding-top:1.1rem}
.why li{grid-template-columns:minmax(0,1fr);gap:.15rem}.why .wide{grid-column:auto}dl div{grid-template-columns:1fr;
padding:.25rem 0}h2{margin-top:2.5rem}}
"""

_PAPER = """
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--rule:#bbb;--wash:#f4f4f4;--shade:#e8e8e8;
--pass:#00694d;
--fail:#b03f00;--open:#855800;--accent:#0063a0}
html{font-size:9.5pt}nav,.skip,#finder{display:none}header,main,footer{max-width:none;padding:0}
h2{break-after:avoid;margin-top:1.5rem}h3,h4,.said,summary,caption,thead{break-after:avoid}
figure,.why li,.small li,dl div,tr{break-inside:avoid}a{color:inherit;text-decoration:none}
.scroll{overflow:visible}table{font-size:7.5pt}.plot{min-width:0}pre{max-height:none}
.j{min-width:0}.w{min-width:0}.n,td,thead th{white-space:normal}
details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none;margin-left:0}
details>:not(summary){margin-left:0}.emulated{border:1px solid #000}}
"""


def style(left: str, right: str, emulated: str) -> str:
    """Return the style sheet; `left`, `right` and `emulated` stand in the margins of every printed page."""
    boxes = {
        "top-left": css_string(left),
        "top-right": css_string(right),
        "bottom-left": css_string(emulated),
        "bottom-right": 'counter(page) " / " counter(pages)',
    }
    margins = "".join(f"@{box}{{content:{said};font:8pt sans-serif;color:#000}}" for box, said in boxes.items())
    return f"{_SCREEN}{_PAPER}@page{{size:A4;margin:18mm 14mm;{margins}}}\n"
