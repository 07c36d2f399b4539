import { connect } from 'node:net';
import { matches, PATTERN_LIMIT_MS } from './bounded-pattern';
import type { ProbeResponse, ProbeTarget, ProbeTools } from './probe';
import { formatDuration } from '../../contract/duration-text';
import { TcpCheckManifest } from '../../contract/manifest';
import { truncate } from '../reporting/untrusted-text';

/** The limit of the output that is read. */
const LIMIT_BYTES = 64 * 1024;

/** Opens a new connection and, if the check expects output, reads until it matches. */
export function probeTcp(check: TcpCheckManifest, target: ProbeTarget, signal: AbortSignal, { clock }: ProbeTools): Promise<ProbeResponse> {
  const { host, port } = addressOf(check, target);
  const startedAt = clock.now();
  const measured = () => ({ latencyMs: clock.now() - startedAt });
  const socket = connect({ host, port, autoSelectFamilyAttemptTimeout: Math.max(250, check.timeoutMs / 4) });
  return new Promise<ProbeResponse>((resolve, reject) => {
    const said = new Said(check.expect);
    const evaluate = () => {
      const seen = said.evaluate();
      if (seen) resolve({ ...measured(), ...seen });
    };
    // output that was received counts as a response
    const giveUp = (why: unknown) => (said.isEmpty ? reject(why) : resolve({ ...measured(), ...said.mismatch() }));
    signal.addEventListener('abort', () => giveUp(signal.reason), { once: true });
    socket.on('error', giveUp);
    socket.on('connect', () => {
      if (check.send !== undefined) socket.write(check.send);
      if (check.expect === undefined) resolve({ ...measured(), outcome: 'healthy', saw: `connected in ${formatDuration(clock.now() - startedAt)}` });
    });
    socket.on('data', (chunk) => {
      said.add(chunk);
      evaluate();
    });
    socket.on('end', () => giveUp(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })));
  }).finally(() => socket.destroy());
}

function addressOf({ address, candidate }: TcpCheckManifest, { url, slot }: ProbeTarget): TcpCheckManifest['address'] {
  if (url === undefined || candidate === undefined) return address;
  return { ...candidate, host: candidate.host.replaceAll('{slot}', slot ?? '') };
}

type Evaluated = Pick<ProbeResponse, 'outcome' | 'saw'>;

/** The output of a server so far. */
class Said {
  private bytes = Buffer.alloc(0);

  constructor(private readonly expect: string | undefined) {}

  public get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  public add(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]).subarray(0, LIMIT_BYTES);
  }

  /** Undefined while more output may come. */
  public evaluate(): Evaluated | undefined {
    const fits = matches(this.expect!, this.text);
    if (fits === undefined) return { outcome: 'unhealthy', saw: `the pattern took longer than ${PATTERN_LIMIT_MS} ms` };
    if (fits) return { outcome: 'healthy', saw: `said "${this.shown}"` };
    return this.bytes.length >= LIMIT_BYTES ? this.mismatch() : undefined;
  }

  public mismatch(): Evaluated {
    return { outcome: 'unhealthy', saw: `said "${this.shown}", which does not match /${this.expect}/` };
  }

  private get text(): string {
    return this.bytes.toString('utf8');
  }

  private get shown(): string {
    return truncate(this.text.trim(), 60);
  }
}
