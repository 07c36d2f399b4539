import { CommandResult } from '../../../runtime/processes/user-command';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';

/** ssh itself failed; otherwise the exit code is that of the command on the host. */
const SSH_FAILED = 255;

/** What ssh prints, and what it means. The first that fits counts. */
const CAUSES: readonly { readonly pattern: RegExp; readonly kind: EngineErrorKind; readonly words?: string }[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|No \S+ host key is known/,
    kind: 'accessDenied',
    words: 'its host key is none of hostKeys. If the host was set up anew, replace its lines in hostKeys; otherwise someone else responds at its address',
  },
  { pattern: /Permission denied \(|Too many authentication failures/, kind: 'signedOut', words: 'it does not accept the key for this user' },
  // the host has too many connections, and nothing was begun
  { pattern: /kex_exchange_identification|ssh_exchange_identification|Exceeded MaxStartups/, kind: 'throttled' },
  { pattern: /connect to host .* timed out|Could not resolve hostname|Connection refused|No route to host|Network is unreachable/, kind: 'unavailable' },
];

export interface SshFailure {
  /** The host's name. */
  readonly host: string;
  /** What was to be done there. */
  readonly call: string;
  readonly result: Pick<CommandResult, 'exitCode' | 'outcome' | 'signal'>;
  /** What was printed, mostly on standard error. */
  readonly printed: string;
}

/** Classifies what ssh printed. */
export function sshErrorOf({ call, host, printed, result: { exitCode, outcome, signal } }: SshFailure): EngineError {
  const lines = printed.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^[@ ]+$/.test(line));
  const said = safeLine(lines.at(-1) ?? '', 300);
  if (outcome === 'timedOut') return new EngineError('timeout', `${host}: ${call} did not end in time`);
  if (exitCode === undefined && signal === undefined) return new EngineError('cliMissing', /: not found on this machine/.test(printed) ? 'ssh was not found on this machine' : said);
  if (exitCode !== SSH_FAILED) return new HostCommandError(host, call, exitCode, said || `ended with ${signal ?? `exit code ${exitCode}`}`);
  const cause = CAUSES.find(({ pattern }) => pattern.test(printed));
  // a connection that is lost leaves open what the command did
  return new EngineError(cause?.kind ?? 'unavailable', `${host}: ${cause?.words ?? said ?? ''}`.trim().replace(/:$/, ': the connection was lost'));
}

const NO_SPACE = /no space left on device|disk quota exceeded/i;
/** The scripts that run commands of the user: what those print is about the release. */
const OF_USERS: readonly string[] = ['restart', 'check'];

/** ssh reached the host, and the command there failed. */
export class HostCommandError extends EngineError {
  constructor(
    public readonly host: string,
    public readonly call: string,
    public readonly exitCode: number | undefined,
    public readonly said: string,
  ) {
    super(!OF_USERS.includes(call) && NO_SPACE.test(said) ? 'full' : 'rejected', `${host}: ${call}: ${said}`);
  }
}
