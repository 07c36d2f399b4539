export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Record<string, string>;
  readonly data: string;
}

/**
 * A line that the runner takes as a command: `::name key=value::data` at its beginning, or the old form `##[name key=value;]data`
 * anywhere in it. Only known names count. Anything a program prints can be one, on stdout and stderr alike.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 * @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function commandIn(line: string, known: (name: string) => boolean): WorkflowCommand | undefined {
  return parse(/^\s*::(?<info>.*?)::(?<data>.*)$/.exec(line), ',', known) ?? parse(/##\[(?<info>[^\]]*)\](?<data>.*)$/.exec(line), ';', known);
}

function parse(match: RegExpExecArray | null, separator: ',' | ';', known: (name: string) => boolean): WorkflowCommand | undefined {
  if (!match?.groups) return undefined;
  const { info, data } = match.groups;
  const [, name, rest] = /^([^ ]*) ?(.*)$/.exec(info)!;
  if (!known(name)) return undefined;
  const pairs = rest.trim().split(separator).map((pair) => pair.split(/=(.*)/, 2)).filter(([key, value]) => key && value);
  const inData = separator === ',' ? TEXT : { ...TEXT, ...OLD };
  const inProperties = separator === ',' ? { ...TEXT, '%3A': ':', '%2C': ',' } : inData;
  return {
    name: name.toLowerCase(),
    properties: Object.fromEntries(pairs.map(([key, value]) => [key.toLowerCase(), unescape(value, inProperties)])),
    data: unescape(data, inData),
  };
}

const TEXT: Record<string, string> = { '%0D': '\r', '%0A': '\n', '%25': '%' };
const OLD: Record<string, string> = { '%3B': ';', '%5D': ']' };

function unescape(text: string, escapes: Record<string, string>): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escapes[escape] ?? escape);
}
