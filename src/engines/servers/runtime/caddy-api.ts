import { CaddyReading, caddyStateIn, caddyWeights, checkResponse, knowsWeightZero, policyLine, responseIn, UpstreamResponse, weightsIn } from './caddy-config';
import { folderProblem, KEEPS, onMachine, ProxyProblem, SlotProxy } from './slot-proxy';
import { ProxyState } from './slot-weights';
import type { HostScript, SshConnection } from './ssh-connection';
import { HostCommandError } from './ssh-error';
import { safeLine } from '../../../runtime/reporting/untrusted-text';
import { EngineError } from '../../../runtime/targets/engine-error';
import { CaddySlotsManifest } from '../slots-manifest';

/** $1: the UNIX socket of the admin API, or nothing. */
const CALL = 'call() { curl -q -g -sS -i --noproxy \'*\' -m 15 ${socket:+--unix-socket "$socket"} "$@"; }';

/**
 * $1: see `CALL`, $2: the URL of the configuration, $3: the path of the health checks, then the upstreams, which are requested at the same time. The
 * configuration may be one long line, so it is printed in base64.
 */
const SHOW: HostScript = {
  name: 'weights',
  text: `command -v curl > /dev/null || { echo 'curl is not installed' >&2; exit 69; }
socket=$1 url=$2 health=$3
shift 3
${CALL}
config=$(call "$url") || exit
for upstream in "$@"; do
  {
    status=$(curl -q -g -s --noproxy '*' -m 5 -o /dev/null -w '%{http_code}' "http://$upstream$health")
    printf 'upstream %s %s %s\\n' "$?" "$status" "$upstream"
  } &
done
wait
echo config
printf '%s' "$config" | base64`,
};

/**
 * $1: see `CALL`, $2: the URL of the weights, $3: its ETag, $4: the weights as JSON, or nothing, $5: the file for a reload, or nothing, $6: its line. The file
 * is written also where nothing is set: the process that set it may have been killed before. Caddy's account must be able to read it.
 */
const SET: HostScript = {
  name: 'weigh',
  text: `socket=$1
${CALL}
response=
[ -z "$4" ] || response=$(printf '%s' "$4" | call -X PATCH -H 'Content-Type: application/json' -H "If-Match: $3" --data-binary @- "$2") || exit
printf '%s\\n' "$response"
case $response in ''|HTTP/*' 200 '*) ;; *) exit 0 ;; esac
[ -n "$5" ] || exit 0
umask 022
printf '%s\\n' "$6" > "$5.delivery" && mv -f "$5.delivery" "$5"`,
};

/** Prints the version of Caddy, if it is found. */
const VERSION: HostScript = { name: 'version', text: 'caddy version 2> /dev/null || true' };

/** Exit codes of the scripts and of curl. */
const NO_CURL = 69;
/** The request may have arrived. */
const UNCERTAIN: Readonly<Record<number, 'timeout' | 'unavailable'>> = { 28: 'timeout', 52: 'unavailable', 56: 'unavailable' };
const PATIENCE_MS = 25_000;

/** The admin API of Caddy on one machine. Its configuration has an ETag, so a change of someone else is not lost. */
export class CaddyApi implements SlotProxy {
  public readonly product = 'Caddy';

  constructor(private readonly connection: SshConnection, private readonly settings: CaddySlotsManifest, private readonly giveUpAt: number) {}

  public get host(): string {
    return this.connection.host;
  }

  public async state(until = this.giveUpAt): Promise<ProxyState> {
    const { blue, green, handler, healthPath = '/' } = this.settings;
    const path = handler === undefined ? '/config/apps/http' : `/id/${handler}`;
    const text = await this.run(SHOW, [this.socket, this.url(path), healthPath, ...blue, ...green], until);
    return onMachine(this.host, () => caddyStateIn(this.readingIn(text), this.settings));
  }

  public async accessProblem(): Promise<ProxyProblem | undefined> {
    const version = safeLine(await this.run(VERSION, []), 60);
    if (knowsWeightZero(version) !== false) return undefined;
    return { why: `slots: Caddy ${version} on ${this.host} does not know the weight 0`, fix: 'Install Caddy 2.9 or later' };
  }

  public async keepProblem(): Promise<ProxyProblem | undefined> {
    const { weightsFile } = this.settings;
    return weightsFile === undefined ? undefined : folderProblem(await this.run(KEEPS, [weightsFile]), { file: weightsFile, host: this.host, option: 'weightsFile' });
  }

  public async setWeights(state: ProxyState, wanted: ReadonlyMap<string, number>): Promise<void> {
    const { weightsFile = '' } = this.settings;
    const { etag = '', path = '' } = state.revision ?? {};
    const weights = caddyWeights(state, wanted);
    if (weights === undefined && weightsFile === '') return;
    const text = await this.run(SET, [this.socket, this.url(path), etag, weights === undefined ? '' : JSON.stringify(weights), weightsFile, policyLine(weights ?? weightsIn(state))]);
    if (weights !== undefined) onMachine(this.host, () => checkResponse(responseIn(text)));
  }

  private readingIn(text: string): CaddyReading {
    const [shown = '', config = ''] = text.split(/^config\n/m);
    const responses = new Map<string, UpstreamResponse>();
    for (const [, exitCode, status, dial] of shown.matchAll(/^upstream (\d+) (\d*) (\S+)$/gm)) responses.set(dial!, { exitCode: Number(exitCode), status: Number(status) });
    return { config: responseIn(Buffer.from(config, 'base64').toString('utf8')), responses };
  }

  private async run(script: HostScript, args: readonly string[], giveUpAt = this.giveUpAt): Promise<string> {
    try {
      return await this.connection.run(script, args, { giveUpAt, timeoutMs: PATIENCE_MS, repeatsTimeouts: script === SHOW });
    } catch (error) {
      if (!(error instanceof HostCommandError)) throw error;
      if (error.exitCode === NO_CURL) throw new EngineError('cliMissing', `${this.host}: curl is not installed`);
      const kind = UNCERTAIN[error.exitCode ?? 0];
      if (kind) throw new EngineError(kind, error.message);
      throw error;
    }
  }

  private get socket(): string {
    const { admin } = this.settings;
    return admin.startsWith('/') ? admin : '';
  }

  private url(path: string): string {
    // with a socket the name is not looked up
    return `http://${this.socket === '' ? this.settings.admin : 'localhost'}${path}`;
  }
}
