/** What a terminal acts upon; the first alternative, colours, is kept. */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const SEQUENCES = /(\u001b\[[\d;:]*m)|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
/** Controls but for tab, and what turns the direction of writing around. */
// eslint-disable-next-line no-control-regex -- as above
const CONTROLS = /[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const RESET = '\u001b[0m';

/**
 * A line of a command's output as it may be shown: coloured as the command coloured it, but it moves no cursor, sets no title,
 * is one line, and holds nothing that the runner takes for a workflow command (`##[group]` counts wherever it stands).
 */
export function colouredLine(text: string): string {
  let coloured = false;
  const plain = text.replace(SEQUENCES, (_, colour: string | undefined) => {
    coloured ||= colour !== undefined;
    return colour ?? '';
  });
  const line = plain.replace(CONTROLS, '').replaceAll('##[', '## [');
  return coloured ? `${line}${RESET}` : line;
}
