/** What a shell runs without a program of that name, and words that begin something else than a command. */
const BUILTINS = new Set([
  '. : [ [[ alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs disown do done echo',
  'elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local logout',
  'mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test then time times trap true',
  'type typeset ulimit umask unalias unset until wait while',
].flatMap((line) => line.split(' ')));

/** Characters of a word that no shell changes. */
const PLAIN = /^[\w./@+-]+$/;
/** A variable that is set for one command. What changes where programs are found is none of them. */
const ASSIGNMENT = /^(?!PATH=|BASH_ENV=)[A-Za-z_]\w*=[\w./@:%+,-]*$/;

/**
 * Returns the words of the command that a shell line runs first, where its failure is certain to fail the line. Returns undefined
 * if the text alone does not show it: a builtin, a function, a variable, a pipe, `||`, a background job.
 *
 * @param shell `bash` stops at the first failure (`-e -o pipefail`); a projen task goes on after `;`
 */
export function firstCommand(line: string, shell: 'bash' | 'task', env: NodeJS.ProcessEnv): string[] | undefined {
  const text = line.replace(/^(\s*#[^\n]*\n)+/, '').trim();
  const isSequence = /[;\n]/.test(text);
  if (/\||(?<![&<>])&(?![&>])/.test(text) || (isSequence && (shell === 'task' || text.includes('&&')))) return undefined;
  const words = text.split(/[\n;]|&&/)[0].trim().split(/\s+/);
  const command = words.slice(words.findIndex((word) => !ASSIGNMENT.test(word)));
  const [program, next] = command;
  if (program === undefined || ASSIGNMENT.test(program) || !PLAIN.test(program) || BUILTINS.has(program) || next?.startsWith('(')) return undefined;
  // functions that bash reads from its environment
  return env.BASH_ENV || env[`BASH_FUNC_${program}%%`] ? undefined : command;
}

/** Programs after which a program that was missing before is missing still. */
const CHANGES_NOTHING_HERE = new Set(['echo', 'printf', 'true', 'test', 'sleep', 'kubectl', 'helm']);

/** Whether a line certainly makes no program appear: what comes after it can be checked as well. */
export function changesNothingHere(line: string): boolean {
  return !/[;&|`$()<>\n]/.test(line) && CHANGES_NOTHING_HERE.has(line.trim().split(/\s+/)[0]);
}
