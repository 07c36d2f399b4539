import { CommandResult } from '../../../runtime/processes/user-command';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';

/** The reasons of the API server, in `Error from server (NotFound): ...`. */
const REASONS: Readonly<Record<string, EngineErrorKind>> = {
  AlreadyExists: 'conflict',
  Conflict: 'conflict',
  Forbidden: 'accessDenied',
  InternalError: 'unavailable',
  NotFound: 'notFound',
  ServerTimeout: 'unavailable',
  ServiceUnavailable: 'unavailable',
  Timeout: 'timeout',
  TooManyRequests: 'throttled',
  Unauthorized: 'signedOut',
};

/** What kubectl says without a reason of the API server. The first one that fits counts. */
const TEXTS: readonly (readonly [RegExp, EngineErrorKind])[] = [
  [/database space exceeded|no space left on device/i, 'full'],
  // a quota, a limit or a policy is no missing permission, and a webhook that is down no fault of the object
  [/exceeded quota|denied (?:the )?request|violates PodSecurity|usage per \w+ is /i, 'rejected'],
  [/failed calling webhook/i, 'unavailable'],
  [/etcdserver: (?:request timed out|leader changed)|context deadline exceeded|i\/o timeout|TLS handshake timeout|Client\.Timeout|request did not complete within/i, 'timeout'],
  [/must be logged in to the server|getting credentials|Unauthorized|provide credentials|token .*expired/i, 'signedOut'],
  [/localhost:8080 was refused/, 'signedOut'],
  [/connection refused|was refused|connection reset|no such host|no route to host|network is unreachable|Unable to connect to the server|EOF$|server is currently unable|etcdserver/i, 'unavailable'],
  [/context .*does not exist|context was not found|no context exists/i, 'notFound'],
  [/no matches for kind|the server doesn't have a resource type|could not find the requested resource/i, 'notFound'],
  [/unknown (?:flag|command|shorthand)/i, 'cliMissing'],
];

/** Classifies what kubectl printed. Of objects that hold secrets, only the reason is shown: an API server repeats values that it rejects. */
export function errorOf(
  call: string, { exitCode, outcome, signal }: Pick<CommandResult, 'exitCode' | 'outcome' | 'signal'>, printed: string, isSecret = false,
): EngineError {
  if (outcome === 'timedOut') return new EngineError('timeout', `${call} did not end in time`);
  if (exitCode === undefined && signal === undefined) {
    return new EngineError('cliMissing', printed.startsWith('kubectl: not found on this machine') ? 'kubectl was not found on this machine' : safeLine(printed.trim(), 300));
  }
  const lines = printed.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !/^(?:Warning:|[EIW]\d{4} )/.test(line));
  const said = (lines.find((line) => /^(?:error|Error|Unable|The )/.test(line)) ?? lines.at(-1) ?? '').replace(/^error: /, '');
  const reason = /^Error from server \((\w+)\)/.exec(said)?.[1];
  const [, texts] = TEXTS.find(([text]) => text.test(said)) ?? [];
  const kind = (reason === undefined || texts === 'rejected' || texts === 'full' ? texts : REASONS[reason] ?? texts) ?? 'rejected';
  const shown = isSecret && kind === 'rejected' ? (reason ?? 'the cluster rejects an object; what it says is not shown, because there are Secrets among them') : safeLine(said, 400);
  return new EngineError(kind, `${call}: ${shown || `ended with ${signal ?? `exit code ${exitCode}`}`}`);
}
