const REMEDIES: Record<string, string> = {
  ENOSPC: 'The disk is full: make room on it.',
  EDQUOT: 'Your quota is used up: make room.',
  EFBIG: 'The file is larger than this process may write: raise the limit (ulimit -f).',
  EROFS: 'The file system is read-only: mount it writable.',
  EACCES: 'Change the permissions of the file and its folder.',
  EPERM: 'Change the permissions of the file and its folder.',
  EIO: 'The disk reports an error: check it.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n).',
  ENFILE: 'Too many files are open on this machine.',
  ENOTDIR: 'A part of the path is a file: move it away.',
  EISDIR: 'It is a folder: move it away.',
};

const DISK_ERRORS: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO'];

/** What the system says about a file, and what to do about it, in sentences. */
export function fileFault(error: unknown): string {
  const { message = String(error) } = error as { readonly message?: string };
  const remedy = REMEDIES[codeOf(error) ?? ''];
  return remedy === undefined ? `${message}.` : `${message}. ${remedy}`;
}

/** Whether there is no room for more. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
}

/** Whether the disk is at fault. A firewall gives a connection some of the same codes. */
export function isDiskError(error: unknown): boolean {
  return DISK_ERRORS.includes(codeOf(error) ?? '') && (error as NodeJS.ErrnoException).syscall !== 'connect';
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
