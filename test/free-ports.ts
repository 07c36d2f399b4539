import { randomInt } from 'node:crypto';
import { createServer, Server } from 'node:net';

/** One as below: for what goes away and comes back, or gets its port as an option. */
export async function freePort(): Promise<number> {
  return (await freePorts()).port;
}

/**
 * Two neighbours that no other process on this machine is given: where the one before them can be listened on, they are this process's
 * until it ends. All are below the range from which systems give ports to clients, so that none of those is in the way.
 */
export async function freePorts(): Promise<{ port: number; candidatePort: number }> {
  for (;;) {
    const guard = randomInt(5_000, 10_000) * 3;
    const [port, candidatePort] = [guard + 1, guard + 2];
    const guarding = await listenOn(guard);
    if (guarding && await isFree(port) && await isFree(candidatePort)) return { port, candidatePort };
    guarding?.close();
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  return server !== undefined;
}

/** Nothing where another process does. It keeps no process alive. */
function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
