/** The environments of the examples in the help, in the order in which releases reach them. */
const NAMES = ['staging', 'production'] as const;

/** An example with environments that exist: of a delivery without `staging` its first one takes that place, and its last one that of `production`. */
export function withEnvironments(example: string, environments: readonly string[]): string {
  const [first, last] = [environments[0], environments.at(-1)];
  if (first === undefined || last === undefined) return example;
  const named = (name: string) => (environments.includes(name) ? name : name === NAMES[0] ? first : last);
  return example.replace(/\b(?:staging|production)(?:,(?:staging|production))*(?= |$)/g, (list) => [...new Set(list.split(',').map(named))].join(','));
}
