/** Returns a word that a POSIX shell reads as exactly this text. Throws `RangeError` for a text with NUL, which no argument can hold. */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('an argument cannot hold the character NUL');
  return /^[\w@%=:,./-]+$/.test(text) && !text.startsWith('=') ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

/** Returns a command line that a POSIX shell splits into exactly these words. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
