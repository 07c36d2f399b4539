const KNOWN = 'add-mask|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|add-matcher|save-state|set-env|set-output|stop-commands|warning';

/**
 * The workflow commands that GitHub's runner would find in what a step printed, by its own rules:
 * it reads lines that end in \n, \r or both; `::name` counts at the beginning of a line, spaces before it ignored;
 * the older `##[name]` counts wherever it stands.
 */
export function commandsIn(printed: string): string[] {
  return printed.split(/\r\n|\r|\n/).flatMap((line) => {
    const command = new RegExp(`^::(${KNOWN})\\b.*?::`, 'i').exec(line.trimStart()) ?? new RegExp(`##\\[(${KNOWN})\\b[^\\]]*\\]`, 'i').exec(line);
    return command ? [command[1].toLowerCase()] : [];
  });
}
