// What holds for each recorded run of site/runs.

/** A page shows it whole. */
const MOST_BYTES = 30_000;
/** What a run must not have, and what it is. */
const NEVER = [
  [/(?<![\w.~])\/(?:root|home|Users|work|tmp\/(?!run\b))[\w.-]*\/?/, 'a path of the machine that recorded it'],
  [/gh[opsu]_\w{20,}|npm_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{20,}\.|PRIVATE KEY|https?:\/\/[^\s/@]+@/, 'a secret'],
  [/\u001b/, 'control characters'],
];

/** What is wrong with the text of a run; undefined where nothing is. */
export function faultOf(run) {
  if (Buffer.byteLength(run) > MOST_BYTES) return `it has ${Buffer.byteLength(run)} bytes, more than ${MOST_BYTES}`;
  if (!/^recorded on \d{4}-\d\d-\d\d\n## /.test(run)) return 'it does not begin with the day of the recording';
  for (const [pattern, what] of NEVER) {
    const [found] = pattern.exec(run) ?? [];
    if (found !== undefined) return `it has ${what}: ${found}`;
  }
  return undefined;
}

/** The text of a run without what only that machine has: its folders, its free ports, the end of a line. */
export function withoutTheMachine(text, root) {
  const ports = new Map();
  const port = (number) => ports.get(number) ?? ports.set(number, 8001 + ports.size).get(number);
  return text
    .replace(/\u001b\[[\d;]*m/g, '')
    // a log of GitHub folds these
    .replace(/^( *\d+ +)::group::/gm, '$1').replace(/^.*::endgroup::\n/gm, '')
    .replaceAll(root, '.')
    .replace(/\/tmp\/tmp\.\w{10}\b/g, '/tmp/run')
    .replace(/\/tmp\/(?=delivery-)/g, '/tmp/run/')
    .replace(/(\/delivery(?:-[a-z]+)+)-(?=[a-z]*[A-Z0-9])\w{6}\b/g, '$1')
    .replace(/(?<![\w.])\/(?:root|home\/\w+)(?=\/)/g, '~')
    // the ports that a part takes, and those that the system gives
    .replace(/\b(127\.0\.0\.1|localhost):(1[0-4]\d{3}|3[3-9]\d{3}|[45]\d{4}|60\d{3})\b/g, (_, host, number) => `${host}:${port(number)}`)
    .replace(/[ \t]+$/gm, '');
}
