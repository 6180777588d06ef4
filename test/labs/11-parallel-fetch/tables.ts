/** Whole tables of what is a page and what is a line. `$a` and `$b` stand for targets that each run draws. */

export const PAGES: Readonly<Record<string, readonly string[]>> = {
  'quotes, and none': [
    '<img src="$a">',
    "<img src='$a'>",
    '<img src=$a>',
    '<img src=$a >',
    '<img src=$a/>',
    '<img src="$a"/>',
    '<img src = "$a" >',
    "<img src\n=\t'$a'>",
    '<img\nsrc=$a\nalt=x>',
    '<img/src="$a">',
    '<img src="$a?w=40&amp;h=30&amp;q=1">',
    '<img src="$a?q=&amp;amp;b">',
    '<img src=$a?x=1&y=2>',
    '<img src="$a?x=a=b">',
    `<img src="$a?it's">`,
    `<img src='$a?"x"'>`,
  ],
  'a target as it stands': [
    '<img src="/x/..$a"><img src="/.$b">',
    '<img src="$a?q=%41%2f%C3%A9"><img src="$a?q=A">',
    '<img src="$a?[x]&amp;{y}|z"><img src="$a?">',
  ],
  // Five characters, and no others: `\s` has more of them.
  'white space': [
    '<img\fsrc\r=\f"$a"><img\rsrc=$b\falt=x>',
    '<img\u00a0 src="$a"><img src="$b">',
    '<img\v src="$a"><img src="$b">',
    '<img x\u00a0src="$a" src="$b">',
    '<img src\v="$a" src="$b">',
  ],
  'names in any case': ['<IMG SRC="$a">', '<Img Alt="" sRc=$a>', "<iMG\tSRC='$a'>"],
  'attributes around it': [
    '<img alt="" src="$a">',
    '<img hidden src="$a" ismap>',
    '<img src="$a" alt="a > b"><img src="$b">',
    `<img alt='5 > 4 < 6' src="$a">`,
    `<img alt="it's >" src='$a'><img src="$b">`,
    `<img alt='"' src="$a"><img alt='"' src="$b">`,
    '<img alt="src=$b" src="$a">',
    `<img alt='<img src="$b">' src="$a">`,
    '<img title= src=$b alt="x">',
    '<img title=src=$b src=$a>',
    '<img data-src="$b" src="$a">',
    '<img data-src="$b">',
    '<img srcset="$b 2x" src="$a">',
    '<img src="$a" src="$b">',
    '<img src="data:image/gif;base64,AA==" src="$b">',
    '<img src src="$b">',
    '<img longdescsrc="$b" xsrc=$b srcx=$b src=$a>',
  ],
  'other tags': [
    '<image src="$a"><img src="$b">',
    '<imgs src="$a">',
    '<img-x src="$a">',
    '<input type=image src="$a">',
    '<video poster="$a"></video>',
    '<p title="<img src=$a>">text</p><img src=$b>',
    `<a title='x > <img src="$a">' href=/>link</a>`,
    '</img src="$a"><img src="$b">',
    '<!doctype html><img src="$a">',
    '<!DOCTYPE html PUBLIC "-//X > Y//EN"><img src="$a">',
    '< img src="$a"><img src="$b">',
    '3 < 4 <img src="$a"> 5 > 4',
    '<3 <img src="$a">',
    '1 <<img src="$a">',
    'img src="$a"',
    '&lt;img src="$a">',
  ],
  comments: [
    '<!-- <img src="$a"> --><img src="$b">',
    '<!--<img src="$a">--><!-- x --><img src="$b">',
    '<!-- > <img src="$a"> -- > --><img src="$b">',
    '<!-- "it\'s" --><img src="$a"><!-- \' -->',
    '<!-- a <!-- <img src="$a"> --><img src="$b">',
    '<!-- x\n\n<img src="$a">\n-->\n<img src="$b">',
    '<img src="$a" alt="<!--"><img src="$b" alt="-->">',
  ],
  'other places': [
    '<img src="//elsewhere.example$a"><img src="$b">',
    '<img src="https://elsewhere.example$a">',
    '<img src="http://127.0.0.1$a">',
    '<img src="data:image/png;base64,/9j/4AAQ">',
    '<img src="a.png"><img src="./a.png"><img src="../a.png">',
    '<img src=""><img src=><img src><img>',
    '<img src="?x=/1"><img src="#/x">',
    '<img src="/"><img src="$a">',
  ],
  'each once': [
    '<img src="$a"><img src="$b"><img src="$a">',
    '<img src="$b"><img src="$a"><img src="$a"><img src="$b">',
    '<img src="$a#left"><img src="$a#right"><img src="$a">',
    '<img src="$a?x&amp;y"><img src="$a?x&y"><img src="$a">',
    '<img src="$a"><img src="$A">',
    '<img src="$b"><p><img src="$a/"><img src="$a/b"></p>',
  ],
  'not to its end': [
    '<img src="$a"><img src="$b"',
    '<img src="$a"><img src="$b',
    '<img src="$a"><img src="$b" alt="x > y',
    '<img src=$a',
    '<img src="$a"><!-- <img src="$b">',
    '<img src="$a"><!-- <img src="$b"> --',
    '<img src="$a"><!-- x ><img src="$b"> -> ',
    '<p title="<img src=$a>',
    '<p title=\'"><img src=$a>',
    '<img src="$a"><',
    '<img src="$a"><!',
    '<img src="$a"><!-',
    '<img',
    '<img src="$a"><a href="x ><img src="$b">',
  ],
  'nothing there': ['', 'text', '<p></p>', '>', '<'],
  'text of all kinds': [
    'caf\u00e9 <img src="$a"> \u2603 <img src="$b">\u0000',
    'it\'s <img src="$a"> isn\'t it',
  ],
}

export interface Line {
  readonly objects: number
  readonly bytes: number
  readonly rttMs: number
  readonly bytesPerMs: number
  readonly maxConnections: number
}

const line = (
  objects: number,
  bytes: number,
  rttMs: number,
  bytesPerMs: number,
  maxConnections: number,
): Line => ({
  objects,
  bytes,
  rttMs,
  bytesPerMs,
  maxConnections,
})

/** Powers of two where something is divided: nobody's result is rounded. */
export const LINES: Readonly<Record<string, readonly Line[]>> = {
  'a wide line': [
    line(3, 512, 64, 1_024, 6),
    line(12, 512, 64, 1_024, 6),
    line(60, 512, 128, 1_024, 6),
    line(100, 1_024, 32, 4_096, 6),
  ],
  'the last round is a whole one': [
    line(7, 64, 64, 1_024, 6),
    line(10, 64, 64, 1_024, 6),
    line(13, 64, 64, 1_024, 6),
    line(9, 64, 64, 1_024, 5),
    line(25, 64, 64, 1_024, 8),
  ],
  'more places than images': [
    line(1, 512, 64, 1_024, 6),
    line(2, 512, 64, 1_024, 100),
    line(5, 64, 32, 64, 5),
  ],
  'one place': [line(1, 1, 1, 1, 1), line(8, 512, 64, 1_024, 1), line(3, 4_096, 2, 1, 1)],
  'a narrow line': [line(6, 20_480, 16, 64, 6), line(4, 65_536, 32, 8, 6), line(40, 8_192, 1, 1, 6)],
  'in between': [
    line(8, 4_096, 64, 64, 6),
    line(8, 4_096, 32, 32, 6),
    line(12, 1_024, 16, 16, 6),
    line(24, 2_048, 16, 64, 12),
    line(30, 3_000, 32, 64, 10),
  ],
  // 1,100 ms are a tenth above 1,000, and 1,101 are more.
  'a tenth above, and a little more': [
    line(2, 450, 50, 1, 2),
    line(2, 449, 50, 1, 2),
    line(2, 451, 50, 1, 2),
    line(20, 45, 50, 1, 20),
  ],
}
