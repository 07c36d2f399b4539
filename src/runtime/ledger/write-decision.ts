import { EnvironmentHistory } from './history';
import { DecisionKind, LedgerRecord, NewRecord } from './ledger';
import { RuntimeContext } from '../context';

/** Records what a person decided, with who and why. Rejects with `LedgerError`. */
export async function writeDecision(
  { environment, ledger, run }: RuntimeContext, history: EnvironmentHistory, decision: Pick<NewRecord, 'release' | 'reason'> & { readonly kind: DecisionKind },
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
