import { BUSY, FOREIGN } from './container-scripts';
import { MOVED, OVERTAKEN, TAKEN_OVER } from './host-scripts';
import { HostCommandError } from './ssh-error';
import { EngineError, EngineErrorKind } from '../../../runtime/targets/engine-error';
import { ServerContainersDriverManifest } from '../containers-manifest';

type Settings = Pick<ServerContainersDriverManifest, 'container' | 'user'>;

interface Cause {
  readonly pattern: RegExp;
  readonly kind: EngineErrorKind;
  readonly fix?: (settings: Settings) => string;
}

/** What a container engine prints that is not reached, and what it means. The first that fits counts. */
const OF_ENGINE: readonly Cause[] = [
  {
    pattern: /permission denied while trying to connect|connect: permission denied/i,
    kind: 'accessDenied',
    fix: ({ container: { engine }, user }) => engineAccess(engine, user),
  },
  { pattern: /cannot connect to the docker daemon|is the docker daemon running|failed to connect to the docker api|cannot connect to podman|unable to connect to podman/i, kind: 'unavailable' },
];

/** What Podman writes otherwise is gone after a reboot. */
const LASTING = '--authfile ~/.config/containers/auth.json ';

/** What it prints of a registry. */
const OF_REGISTRY: readonly Cause[] = [
  {
    pattern: /unauthorized|authentication required|no basic auth credentials|pull access denied|denied:|403 forbidden/i,
    kind: 'accessDenied',
    fix: ({ container: { engine }, user }) => `Sign in to the registry on the host, as ${user}: ${engine} login ${engine === 'podman' ? LASTING : ''}REGISTRY`,
  },
  { pattern: /manifest unknown|manifest for .* not found|name unknown|not found: manifest/i, kind: 'notFound' },
  { pattern: /toomanyrequests|too many requests/i, kind: 'throttled' },
  {
    pattern: /connection refused|connection reset|i\/o timeout|tls handshake timeout|client\.timeout|context deadline exceeded|no such host|temporary failure|no route to host|\b50[0234]\b|unexpected eof/i,
    kind: 'unavailable',
  },
];

/** The service and `hostCheck` print what they want, also these words: only those in front are the engine's. */
const BEFORE_SERVICE: readonly Cause[] = [
  { pattern: /^(?:error: )?(?:cannot connect to the docker daemon|failed to connect to the docker api|cannot connect to podman|unable to connect to podman)/i, kind: 'unavailable' },
];

function causesOf(call: string): readonly Cause[] {
  switch (call) {
    case 'pull': return [...OF_ENGINE, ...OF_REGISTRY];
    case 'check': return BEFORE_SERVICE;
    default: return OF_ENGINE;
  }
}

/** How an account may use an engine without root. */
export function engineAccess(engine: string, user: string): string {
  return engine === 'docker' ? `Run on the host: sudo usermod -aG docker ${user}` : `Set Podman up for ${user} without root`;
}

/** Classifies what a script of a container ended with. Other errors are returned as they are. */
export function containerErrorOf(error: unknown, settings: Settings): unknown {
  if (!(error instanceof HostCommandError)) return error;
  const { call, exitCode, host, message, said } = error;
  // hostCheck may end with the same codes
  const isOurs = call !== 'check' || said === TAKEN_OVER;
  if (isOurs && exitCode === OVERTAKEN) return new EngineError('overtaken', `${host}: ${said}`);
  if (isOurs && exitCode === MOVED) return new EngineError('conflict', `${host}: ${said}`);
  if (isOurs && exitCode === BUSY) return new EngineError('unavailable', `${host}: ${said}`);
  if (isOurs && exitCode === FOREIGN) return new EngineError('conflict', `${host}: ${said}`);
  const cause = causesOf(call).find(({ pattern }) => pattern.test(said));
  if (cause === undefined) return error;
  return new EngineError(cause.kind, cause.fix === undefined ? message : `${message.replace(/\.$/, '')}. ${cause.fix(settings)}`);
}
