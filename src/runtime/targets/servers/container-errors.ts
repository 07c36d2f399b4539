import { BUSY, FOREIGN } from './container-scripts';
import { OVERTAKEN } from './host-scripts';
import { HostCommandError } from './ssh-error';
import { ServerContainersDriverManifest } from '../../../contract/server-containers-manifest';
import { EngineError, EngineErrorKind } from '../engine-error';

type Settings = Pick<ServerContainersDriverManifest, 'container' | 'user'>;

/** What a container engine or its registry prints, and what it means. The first that fits counts. */
const CAUSES: readonly { readonly pattern: RegExp; readonly kind: EngineErrorKind; readonly fix?: (settings: Settings) => string }[] = [
  {
    pattern: /permission denied while trying to connect|connect: permission denied/i,
    kind: 'accessDenied',
    fix: ({ container: { engine }, user }) => engineAccess(engine, user),
  },
  { pattern: /cannot connect to the docker daemon|is the docker daemon running|cannot connect to podman|unable to connect to podman/i, kind: 'unavailable' },
  {
    pattern: /unauthorized|authentication required|no basic auth credentials|pull access denied|denied:|403 forbidden/i,
    kind: 'accessDenied',
    fix: ({ container: { engine }, user }) => `Sign in to the registry on the host, as ${user}: ${engine} login REGISTRY`,
  },
  { pattern: /manifest unknown|manifest for .* not found|name unknown|not found: manifest/i, kind: 'notFound' },
  { pattern: /toomanyrequests|too many requests/i, kind: 'throttled' },
  {
    pattern: /connection refused|connection reset|i\/o timeout|tls handshake timeout|client\.timeout|context deadline exceeded|no such host|temporary failure|no route to host|\b50[0234]\b|unexpected eof/i,
    kind: 'unavailable',
  },
];

/** How an account may use an engine without root. */
export function engineAccess(engine: string, user: string): string {
  return engine === 'docker' ? `Run on the host: sudo usermod -aG docker ${user}` : `Set Podman up for ${user} without root`;
}

/** Classifies what a script of a container ended with. Other errors are returned as they are. */
export function containerErrorOf(error: unknown, settings: Settings): unknown {
  if (!(error instanceof HostCommandError)) return error;
  const { exitCode, host, message, said } = error;
  if (exitCode === OVERTAKEN) return new EngineError('conflict', `${host}: ${said}`);
  if (exitCode === BUSY) return new EngineError('unavailable', `${host}: ${said}`);
  if (exitCode === FOREIGN) return new EngineError('rejected', `${host}: ${said}`);
  const cause = CAUSES.find(({ pattern }) => pattern.test(said));
  if (cause === undefined) return error;
  return new EngineError(cause.kind, cause.fix === undefined ? message : `${message.replace(/\.$/, '')}. ${cause.fix(settings)}`);
}
