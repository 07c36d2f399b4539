export interface AliasState {
  readonly version: string;
  readonly revisionId: string;
  /** The share of other versions, by version. */
  readonly weights: Readonly<Record<string, number>>;
}

/** How an alias shares the traffic: `weight` per cent go to the version `added`, and the rest to `base`. */
export interface AliasSplit {
  readonly base: string;
  readonly added: string;
  readonly weight: number;
}

export type AliasStep = 'done' | 'move' | 'elsewhere';

/**
 * The next step to an alias at `version`.
 *
 * @param from where the alias was at first; undefined if it does not matter, as in a rollback
 */
export function aliasStep({ version, weights }: AliasState, wanted: string, from: string | undefined): AliasStep {
  if (version === wanted) return Object.keys(weights).length === 0 ? 'done' : 'move';
  return from === undefined || version === from ? 'move' : 'elsewhere';
}
