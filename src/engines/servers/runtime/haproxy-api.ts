import { checkSet, proxyStateIn, weightCommands } from './haproxy-steps';
import { folderProblem, KEEPS, onMachine, ProxyProblem, SlotProxy } from './slot-proxy';
import { ProxyState } from './slot-weights';
import type { HostScript, SshConnection } from './ssh-connection';
import { HostCommandError } from './ssh-error';
import { EngineError } from '../../../runtime/targets/engine-error';
import { HaproxySlotsManifest } from '../slots-manifest';

/** $1: the address for socat, $2: one line of commands. */
const SHOW: HostScript = {
  name: 'weights',
  text: `command -v socat > /dev/null || { echo 'socat is not installed' >&2; exit 69; }
printf '%s\\n' "$2" | socat -t 10 - "$1"`,
};

/**
 * $1: the address for socat, $2: commands, or nothing, $3: the file for the weights, or nothing. The file is written also where nothing is set: the process
 * that set it may have been killed before.
 */
const SET: HostScript = {
  name: 'weigh',
  text: `[ -z "$2" ] || printf '%s\\n' "$2" | socat -t 10 - "$1"
[ -n "$3" ] || exit 0
printf 'show servers state\\n' | socat -t 10 - "$1" > "$3.delivery" && grep -q '^# be_id' "$3.delivery" && mv -f "$3.delivery" "$3"`,
};

/** Exit codes of the scripts. */
const NO_SOCAT = 69;
const PATIENCE_MS = 20_000;

/** The runtime API of HAProxy on one machine. It has no compare-and-swap. */
export class HaproxyApi implements SlotProxy {
  public readonly product = 'HAProxy';

  constructor(private readonly connection: SshConnection, private readonly settings: HaproxySlotsManifest, private readonly giveUpAt: number) {}

  public get host(): string {
    return this.connection.host;
  }

  public async state(until = this.giveUpAt): Promise<ProxyState> {
    const text = await this.run(SHOW, [this.address, `show stat ${this.settings.backend} 4 -1`], until);
    return onMachine(this.host, () => proxyStateIn(text, this.settings));
  }

  public async accessProblem(): Promise<ProxyProblem | undefined> {
    const { socket } = this.settings;
    const level = (await this.run(SHOW, [this.address, 'show cli level'])).trim();
    if (level === 'admin') return undefined;
    return { why: `slots: the socket ${socket} of HAProxy on ${this.host} has the level ${JSON.stringify(level)}`, fix: 'Give it the level admin: stats socket ... level admin' };
  }

  public async keepProblem(): Promise<ProxyProblem | undefined> {
    const { stateFile } = this.settings;
    return stateFile === undefined ? undefined : folderProblem(await this.run(KEEPS, [stateFile]), { file: stateFile, host: this.host, option: 'stateFile' });
  }

  public async setWeights(state: ProxyState, wanted: ReadonlyMap<string, number>): Promise<void> {
    const { stateFile = '' } = this.settings;
    const commands = weightCommands(state, this.settings, wanted);
    if (commands.length === 0 && stateFile === '') return;
    const text = await this.run(SET, [this.address, commands.join('; '), stateFile]);
    onMachine(this.host, () => checkSet(text));
  }

  private async run(script: HostScript, args: readonly string[], giveUpAt = this.giveUpAt): Promise<string> {
    try {
      return await this.connection.run(script, args, { giveUpAt, timeoutMs: PATIENCE_MS, repeatsTimeouts: script === SHOW });
    } catch (error) {
      if (error instanceof HostCommandError && error.exitCode === NO_SOCAT) throw new EngineError('cliMissing', `${this.host}: socat is not installed`);
      throw error;
    }
  }

  private get address(): string {
    const { socket } = this.settings;
    return socket.startsWith('/') ? `UNIX-CONNECT:${socket}` : `TCP:${socket},connect-timeout=10`;
  }
}
