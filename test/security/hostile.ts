import * as fc from 'fast-check';

/**
 * Texts that mean something to a shell, to YAML, to GitHub's expressions, to its runner, to Markdown, HTML, Mermaid or a terminal.
 * Each that would do something says what: FORGED stands wherever a line, a link or an output would be forged.
 */
export const FORGED = 'FORGED';

/** What a shell would make if it ran any of these; the file's name is put in, absolute. */
export function shellFragments(canary: string): string[] {
  return [
    `$(touch ${canary})`, `\`touch ${canary}\``, `; touch ${canary};`, `&& touch ${canary}`, `| touch ${canary}`, `\ntouch ${canary}\n`, `<(touch ${canary})`,
    `' ; touch ${canary} ; '`, `" ; touch ${canary} ; "`, `\${IFS}touch ${canary}`, `$\{x:-$(touch ${canary})}`, `a[$(touch ${canary})]`, '--help', '-rf', '$HOME', '${PATH}', '!!', '*', '~', '\\', '\'', '"', '#',
  ];
}

const RUNNER = [
  `::error::${FORGED}`, `::set-output name=go::${FORGED}`, `::add-mask::${FORGED}`, `::stop-commands::${FORGED}`, `::save-state name=a::${FORGED}`,
  `::group::${FORGED}`, '::endgroup::', `::warning title=${FORGED}::${FORGED}`, `::add-path::${FORGED}`, `::debug::${FORGED}`, `##[error]${FORGED}`, `##[group]${FORGED}`, `##[add-mask]${FORGED}`,
  `\n::error::${FORGED}`, `\r::error::${FORGED}`, `\r\n::set-env name=PATH::${FORGED}`, `\u2028::error::${FORGED}`, `\u0085::error::${FORGED}`, `\u001b[2K::error::${FORGED}`,
  '%0A', '%0D', '%25', `%0A::error::${FORGED}`, `\nforged=${FORGED}\n`, `forged<<EOF\n${FORGED}\nEOF\n`,
];
const YAML = [
  '\n- ', '\n  run: id', ': ', ' #', '*a', '&a', '!!js/function', '|', '>', '{', '}', '[', ']', '---', '\n...\n', '\t', '? ', '<<', '%YAML', '@', '`',
  'null', 'true', 'on', '0x1', '1e3', '~', ',',
];
const EXPRESSIONS = ['${{ secrets.DEPLOY_TOKEN }}', '${{ github.token }}', '${{', '}}', '${{ toJSON(secrets) }}', '\' || true || \'', '${{ \'', '$\u200b{{ secrets.X }}'];
const MARKUP = [
  `<img src=x onerror=${FORGED}>`, `<script>${FORGED}</script>`, `</code></td></table><h1>${FORGED}</h1>`, `[${FORGED}](https://forged.example.com)`, `![${FORGED}](https://forged.example.com/x.png)`, '<https://forged.example.com>',
  'https://forged.example.com', 'www.forged.example.com', 'forged@example.com', 'mailto:forged@example.com', 'xmpp:forged@example.com', 'ftp://forged.example.com', '@octocat', '@octocat/forged', 'octocat/forged#1', '#1', 'GH-1', ':tada:',
  `| ${FORGED} | ${FORGED} |`, '|', '\n| --- |', `\n# ${FORGED}`, `\n> ${FORGED}`, '\n```\n', '```', '~~~', '\n---\n', '\n===\n', `\n1. ${FORGED}`, `\n* ${FORGED}`, '\n[x]: https://forged.example.com', '$$x$$', '<!--', '-->', '&lt;', '&#60;', '&amp;', '\\|', '\\',
  '`', '**', '__', '~~', '"]:::bad', '"] --> x["', 'click x "https://forged.example.com"', '%%{init: {}}%%', 'end', '<br/>',
];
const TERMINAL = ['\u001b[2J', '\u001b]0;forged\u0007', '\u001b]8;;https://forged.example.com\u001b\\', '\u009b31m', '\u0007', '\b', '\u0000', '\u007f', '\r', '\n', '\u202e', '\u2066', '\u200b', '\ufeff', '\u2028', '\u{1f600}', '\ud800', 'é', '日本'];

/** Text made of pieces that mean something, with plain ones between; now and then a very long one. */
export function hostileText(canary: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    ...[shellFragments(canary), RUNNER, YAML, EXPRESSIONS, MARKUP, TERMINAL].map((pieces) => fc.constantFrom(...pieces)),
    fc.fullUnicodeString({ maxLength: 4 }), fc.constantFrom('a', 'v1.2.3', ' ', 'x y', 'main'),
  );
  const short = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
  const long = fc.tuple(short, fc.integer({ min: 50, max: 3000 })).map(([text, times]) => text.repeat(times).slice(0, 20_000));
  return fc.oneof({ arbitrary: short, weight: 30 }, { arbitrary: long, weight: 1 });
}

/**
 * Fixed, so that a red run is red again; fast-check names it when a property fails. Another one, or a longer search:
 * `HOSTILE_SEED=1 HOSTILE_RUNS=10 npx jest test/security`.
 */
export function search(runs: number) {
  return { seed: Number(process.env.HOSTILE_SEED ?? 20261125), numRuns: Math.ceil(runs * Number(process.env.HOSTILE_RUNS ?? 1)) };
}
