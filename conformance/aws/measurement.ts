import { AwsAssumptionId } from './assumptions';
import { Aws } from './aws';
import { Finding } from '../table';

export type AwsFindings = Partial<Record<AwsAssumptionId, Finding>>;

/** What every measurement in AWS works with. */
export interface AwsContext {
  readonly aws: Aws;
  readonly env: NodeJS.ProcessEnv;
  /** A folder for files. */
  readonly folder: string;
  /** The name of everything that is created, and deleted at the end. */
  readonly name: string;
}

/** Some assumptions that are measured together. */
export interface AwsMeasurement {
  readonly ids: readonly AwsAssumptionId[];
  measure(context: AwsContext): Promise<AwsFindings>;
}

const WAIT_MS = 1_000;

/** Repeats `act` until its result fits. Throws after `limitMs`. */
export async function until<T>(what: string, limitMs: number, act: () => Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await act();
    if (fits(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((done) => setTimeout(done, WAIT_MS));
  }
}
