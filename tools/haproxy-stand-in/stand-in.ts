import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SshStandIn } from '../ssh-stand-in/stand-in';

export type Slot = 'blue' | 'green';

export const SOCKET = '/run/haproxy/admin.sock';
const WEB = ['web-1', 'web-2'] as const;

/** As a service of one slot that reads its release when it starts. */
const RESTART = `#!/bin/sh
set -e
echo "restart $HOST $DELIVERY_SLOT" >> "$SSH_STAND_IN/restarts"
[ ! -e "$SSH_STAND_IN/hosts/$HOST/broken" ] || { echo "$HOST cannot start the shop" >&2; exit 7; }
release=$(cat index.html)
printf '%s\\n' "$release" > "$SSH_STAND_IN/$HOST-$DELIVERY_SLOT"
all=$release
for host in ${WEB.join(' ')}; do
  serves=$(cat "$SSH_STAND_IN/$host-$DELIVERY_SLOT" 2> /dev/null) || continue
  [ "$serves" = "$release" ] || all="$all and $serves"
done
printf '%s\\n' "$all" > "$SSH_STAND_IN/$DELIVERY_SLOT.$HOST.$$"
mv "$SSH_STAND_IN/$DELIVERY_SLOT.$HOST.$$" "$SSH_STAND_IN/$DELIVERY_SLOT"
`;

/** Two hosts with two slots each, and a machine with HAProxy in front of them. Users are on blue, where nothing was deployed. */
export class ServerSlotsStandIn extends SshStandIn {
  constructor(folder: string) {
    super(folder, [...WEB, 'proxy']);
  }

  public override reset(): void {
    super.reset();
    const places = ['blue', 'green', 'haproxy-level', ...WEB.flatMap((host) => [`${host}-blue`, `${host}-green`])];
    for (const name of places) rmSync(join(this.folder, name), { force: true });
    writeFileSync(join(this.folder, 'host-bin/shop-restart'), RESTART);
    for (const name of ['socat', 'live.sh']) copyFileSync(join(__dirname, name), join(this.folder, 'host-bin', name));
    writeFileSync(join(this.folder, 'haproxy-address'), `UNIX-CONNECT:${SOCKET}`);
    this.weigh({ blue: 100, green: 0 });
  }

  /** The release that users reach; both, if they share the traffic. */
  public override get served(): string | undefined {
    const live = readFileSync(join(this.folder, 'live'), 'utf8').trim().split('+');
    const releases = live.map((slot) => this.releaseIn(slot)).filter((one) => one !== undefined);
    return releases.length === 0 ? undefined : releases.join(' and ');
  }

  /** By server. */
  public get weights(): Readonly<Record<string, number>> {
    const lines = readFileSync(join(this.folder, 'haproxy'), 'utf8').trim().split('\n').map((line) => line.split(' '));
    return Object.fromEntries(lines.map(([name, weight]) => [name!, Number(weight)]));
  }

  /** By slot. Fails where the servers of a slot differ. */
  public get shares(): Readonly<Record<Slot, number>> {
    const of = (slot: Slot) => {
      const [first, ...others] = WEB.map((host) => this.weights[`${host}-${slot}`]!);
      if (others.some((other) => other !== first)) throw new Error(`the servers of ${slot} have the weights ${[first, ...others].join(' and ')}`);
      return first!;
    };
    return { blue: of('blue'), green: of('green') };
  }

  /** A person or a reload sets the weights. */
  public weigh(weights: Readonly<Record<Slot, number>>, status: Readonly<Record<string, string>> = {}): void {
    const lines = (['blue', 'green'] as const).flatMap((slot) => WEB.map((host) => `${host}-${slot} ${weights[slot]} ${status[`${host}-${slot}`] ?? 'UP'}`));
    this.replace('haproxy', `${lines.join('\n')}\n`);
    const [first, second] = weights.blue >= weights.green ? ['blue', 'green'] as const : ['green', 'blue'] as const;
    this.replace('live', weights[second] > 0 ? `${first}+${second}` : first);
  }

  /** The socket is for reading only. */
  public limitSocket(level: string): void {
    writeFileSync(join(this.folder, 'haproxy-level'), `${level}\n`);
  }

  private releaseIn(slot: string): string | undefined {
    const file = join(this.folder, slot);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  }

  protected replace(name: string, text: string): void {
    writeFileSync(join(this.folder, `${name}.new`), text);
    renameSync(join(this.folder, `${name}.new`), join(this.folder, name));
  }
}
