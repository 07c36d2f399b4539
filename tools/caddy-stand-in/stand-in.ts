import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerSlotsStandIn, Slot } from '../haproxy-stand-in/stand-in';

export const ADMIN = 'localhost:2019';

/** The upstreams of a slot, as Caddy dials them. */
export const upstreamsOf = (slot: 'blue' | 'green') => [`web-1-${slot}:3000`, `web-2-${slot}:3000`];

/** Two hosts with two slots each, and a machine with Caddy in front of them. Users are on blue, where nothing was deployed. */
export class CaddySlotsStandIn extends ServerSlotsStandIn {
  public override reset(): void {
    super.reset();
    for (const name of ['caddy-fault', 'caddy-meanwhile', 'caddy-policy', 'host-bin/socat', 'host-bin/caddy']) rmSync(join(this.folder, name), { force: true });
    copyFileSync(join(__dirname, 'curl'), join(this.folder, 'host-bin/curl'));
    writeFileSync(join(this.folder, 'caddy-address'), ADMIN);
  }

  /** The policy of the handler of both slots. */
  public choose(policy: string): void {
    writeFileSync(join(this.folder, 'caddy-policy'), policy);
  }

  /** Someone else sets the weights between what the next change has read and that change. */
  public weighMeanwhile(weights: Readonly<Record<Slot, number>>): void {
    const lines = (['blue', 'green'] as const).flatMap((slot) => upstreamsOf(slot).map((upstream) => `${upstream.split(':')[0]} ${weights[slot]} UP`));
    this.replace('caddy-meanwhile', `${lines.join('\n')}\n`);
  }

  /** Every call of the admin API ends with an exit code of curl. */
  public failWith(exitCode: number): void {
    writeFileSync(join(this.folder, 'caddy-fault'), String(exitCode));
  }

  /** The program that is found on the machines. */
  public install(version: string): void {
    writeFileSync(join(this.folder, 'host-bin/caddy'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  }
}
