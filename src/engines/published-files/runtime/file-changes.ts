import { PlannedChange } from '../../../runtime/targets/target-driver';

/** What a release would change, by the identifiers of the files: removed files first, because links to them break. */
export function fileChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): PlannedChange[] {
  const change = (kind: PlannedChange['kind'], what: string): PlannedChange => ({ kind, what, type: 'file', isSecurity: false, isStateful: false, properties: [] });
  return [
    ...[...before.keys()].filter((path) => !after.has(path)).map((path) => change('removed', path)),
    ...[...after].flatMap(([path, blob]) => (!before.has(path) ? [] : before.get(path) === blob ? [] : [change('changed', path)])),
    ...[...after.keys()].filter((path) => !before.has(path)).map((path) => change('added', path)),
  ];
}
