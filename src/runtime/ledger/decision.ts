import { DecisionKind, LedgerRecord, NewRecord } from './ledger';
import { Surroundings } from '../surroundings';

/** Records what a person decided, with who and why. Rejects with `LedgerError`. */
export function writeDecision(
  { environment, ledger, run }: Surroundings, decision: Pick<NewRecord, 'release' | 'reason'> & { readonly kind: DecisionKind },
): Promise<LedgerRecord> {
  return ledger.create({
    ...decision,
    environment: environment.name,
    strategy: environment.strategy.kind,
    run: { id: run.id, attempt: run.attempt },
    writer: run.writer,
    by: run.actor,
  });
}
