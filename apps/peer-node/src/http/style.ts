/** The page's own style sheet; it loads nothing. */
export const style = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1d2125, #e3e6e8);
  --muted: light-dark(#5d6872, #98a3ad);
  --back: light-dark(#fbfaf8, #16191c);
  --raised: light-dark(#fff, #1e2226);
  --line: light-dark(#e2dfd9, #30363c);
  --link: light-dark(#0b5cad, #7db7f5);
  --mark: light-dark(#ffe9a8, #6b5413);
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.6 system-ui, sans-serif }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px }
header {
  display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
  padding: .75rem max(1rem, calc((100% - 60rem) / 2));
  background: var(--raised); border-bottom: 1px solid var(--line);
}
.brand { font-weight: 650; color: inherit; text-decoration: none }
header form { display: flex; flex: 1 1 16rem; gap: .5rem }
header nav { display: flex; gap: 1rem }
input, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .4rem }
input { flex: 1; min-width: 0; padding: .3rem .7rem }
button { padding: .3rem .9rem; cursor: pointer }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.3rem; margin: 2rem 0 .5rem }
.muted, .path { color: var(--muted) }
.path { font-size: .875rem; overflow-wrap: anywhere }
.list { list-style: none; margin: 1rem 0; padding: 0 }
.list li { padding: .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
.snippet { margin: .15rem 0 0; font-size: .925rem; color: var(--muted) }
mark { background: var(--mark); color: inherit; border-radius: .15rem; padding: 0 .1rem }
.next { display: inline-block; padding: .3rem .9rem; border: 1px solid var(--line); border-radius: .4rem; text-decoration: none }
.text { margin-top: 1.5rem; padding-top: .5rem; border-top: 1px solid var(--line); max-width: 46rem; overflow-wrap: anywhere }
.dead-link { text-decoration: line-through; text-decoration-color: var(--muted) }
code, pre { font-family: ui-monospace, monospace; font-size: .875em }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--raised); border: 1px solid var(--line); border-radius: .4rem }
pre.plain { white-space: pre-wrap }
:not(pre) > code { padding: .1em .3em; background: var(--raised); border: 1px solid var(--line); border-radius: .25rem; overflow-wrap: anywhere }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--muted) }
table { border-collapse: collapse; font-size: .925rem; display: block; overflow-x: auto }
th, td { padding: .35rem .7rem; border: 1px solid var(--line); text-align: left; vertical-align: top }
th { background: var(--raised) }
.facts :is(th, td, code) { white-space: nowrap }
.facts td:last-child { white-space: normal; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .4rem 1rem; margin: 1rem 0 }
dt { color: var(--muted) }
dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr } }
`
