/**
 * Makes names unique, keeping their order: repeated names get a number.
 *
 * @param keyOf the part of a name that must be unique
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
