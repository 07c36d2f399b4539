import { execFileSync, spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { pause } from './github';
import { ENVIRONMENT, required, PORT_VARIABLE } from './place';

/** What a release does is in its name: `-bad` responds with 500, `-stale` leaves the release before it in place. */
const BAD = /-bad$/;
const STALE = /-stale$/;
/** The ledger shows this release as the one that may be live. */
const OPEN = ['migrating', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'rollingBack'];
const READY_ATTEMPTS = 100;
const READY_PAUSE_MS = 100;

/** Serves a release until it is stopped. */
export function serve(version: string, port: number): void {
  const server = createServer((incoming, response) => {
    if (incoming.method === 'POST' && incoming.url === '/stop') {
      response.end();
      server.close();
      server.closeAllConnections();
      return;
    }
    response.writeHead(BAD.test(version) ? 500 : 200, { 'content-type': 'application/json', 'connection': 'close' });
    response.end(JSON.stringify({ version }));
  });
  server.listen(port, '127.0.0.1');
}

/** The deploy command: the release that must be live when it ends. */
export async function ship(env: NodeJS.ProcessEnv): Promise<void> {
  const version = required(env, 'DELIVERY_VERSION');
  if (STALE.test(version)) {
    console.log(`${version} deploys nothing: users keep what they have`);
    return;
  }
  await start(version, Number(required(env, PORT_VARIABLE)));
}

interface Status {
  readonly stable?: { readonly version: string };
  readonly last?: { readonly version: string; readonly state: string };
}

/** Each job has a machine of its own: starts there what the ledger says is live. */
export async function resume(env: NodeJS.ProcessEnv): Promise<void> {
  const text = execFileSync(process.execPath, ['.projen/delivery.cjs', 'status', ENVIRONMENT, '--json'], { env, encoding: 'utf8' });
  const [{ stable, last }] = JSON.parse(text) as Status[];
  const live = last && OPEN.includes(last.state) && !STALE.test(last.version) ? last.version : stable?.version;
  if (live === undefined) console.log('nothing is live yet');
  else await start(live, Number(required(env, PORT_VARIABLE)));
}

async function start(version: string, port: number): Promise<void> {
  if (await responds(port, 'POST', '/stop')) await until(async () => !await responds(port, 'GET', '/health'), `port ${port} to be free`);
  spawn(process.execPath, [__filename, 'serve', version, String(port)], { detached: true, stdio: 'ignore' }).unref();
  await until(() => responds(port, 'GET', '/health'), `${version} to listen on port ${port}`);
  console.log(`${version} responds on port ${port}`);
}

async function until(isTrue: () => Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    if (await isTrue()) return;
    await pause(READY_PAUSE_MS);
  }
  throw new Error(`waited ${READY_ATTEMPTS * READY_PAUSE_MS / 1000} s for ${what}`);
}

/** Whether anything responds, with whatever status. */
function responds(port: number, method: string, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, timeout: 2000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(true));
      response.on('error', () => resolve(false));
    });
    outgoing.on('error', () => resolve(false));
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.end();
  });
}
