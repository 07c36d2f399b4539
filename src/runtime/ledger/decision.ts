import { EnvironmentHistory } from './history';
import { Ledger } from './ledger';
import { DecisionKind, LedgerRecord, NewRecord } from './record';

/** Who decides, and about which environment. */
export interface DecisionMaker {
  readonly environment: { readonly name: string; readonly strategy: { readonly kind: NewRecord['strategy'] } };
  readonly ledger: Pick<Ledger, 'create'>;
  readonly run: NewRecord['run'] & { readonly processId: string; readonly actor: string };
}

/** Records what a person decided, with who and why. Rejects with `EventLogError`. */
export async function writeDecision(
  { environment, ledger, run }: DecisionMaker, history: EnvironmentHistory,
  decision: Pick<NewRecord, 'release' | 'reason'> & { readonly kind: DecisionKind },
): Promise<LedgerRecord> {
  const carried = await history.carriedOn();
  return ledger.create({
    ...decision,
    environment: environment.name,
    strategy: environment.strategy.kind,
    run: { id: run.id, attempt: run.attempt },
    processId: run.processId,
    by: run.actor,
    carried,
  });
}
