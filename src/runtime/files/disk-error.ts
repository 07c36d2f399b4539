/** What a person must do about each: the disk is at fault, neither the network nor GitHub. */
const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space on the runner, or choose a larger one',
  EDQUOT: 'the disk quota is used up: free some space on the runner, or choose a larger one',
  EROFS: 'the file system is read-only: make the folder writable',
  EACCES: 'the folder is not writable: give this user access to it',
  EPERM: 'the folder is not writable: give this user access to it',
  EFBIG: 'the file system takes no file of this size: use another one',
  EIO: 'the disk failed: use another runner',
};

/** Whether the disk refused something. A firewall gives a connection some of the same codes. */
export function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  const { code, syscall } = error as Partial<NodeJS.ErrnoException>;
  return code !== undefined && code in REASONS && syscall !== 'connect';
}

/** What happened and what to do, in one sentence without a full stop. */
export function diskReason({ code, message }: NodeJS.ErrnoException): string {
  return `${REASONS[code ?? ''] ?? message} (${code})`;
}
