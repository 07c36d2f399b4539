import { Users } from './users';

/** The commands of a target and an environment. */
export type ServiceCall = 'migrate' | 'warmUp' | 'deploy' | 'promote' | 'setWeight' | 'rollback' | 'beforeDeploy' | 'afterPromote';

/** What the runtime called, with what it passed on. */
export interface CallRecord {
  readonly call: ServiceCall;
  readonly version: string;
  readonly slot?: string;
  readonly weight?: number;
  readonly failed: boolean;
}

/** The service of one environment: the local one in place of the target, or the one that the project's own commands deploy. */
export interface Service {
  readonly environment: string;
  readonly calls: readonly CallRecord[];
  readonly users: Users;
  /** Decides whether a call fails, before it changes anything. */
  onCall: (call: ServiceCall, version: string) => 'fails' | 'works';
  /** Users reach a release. */
  onLive: (version: string) => void;
  /** What the commands gave to users, without the new release of a canary. */
  readonly commanded: string | undefined;
  /** What users get now. */
  live(): Promise<string | undefined>;
  stop(): Promise<void>;
}
