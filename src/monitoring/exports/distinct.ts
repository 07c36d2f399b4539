/**
 * Names for all, in the same order; where two would be the same to whoever reads them, the later ones get a number.
 *
 * @param keyOf what of a name is looked at
 */
export function distinct<T>(all: T[], nameOf: (one: T) => string, keyOf: (name: string) => string): string[] {
  const taken = new Set<string>();
  return all.map((one) => {
    const wanted = nameOf(one);
    let name = wanted;
    for (let i = 2; taken.has(keyOf(name)); i++) name = `${wanted}_${i}`;
    taken.add(keyOf(name));
    return name;
  });
}
