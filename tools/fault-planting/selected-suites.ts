/** Which suites `*.ci.ts` a change of a file selects, without those that need an engine or the network. */
const ROOMS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^src\/runtime\/targets\/([\w-]+)\//, ['test/runtime/targets/$1/*.ci.ts', 'test/tools/model-checker/crashes-$1*.ci.ts']],
  [/^src\/runtime\/(?:deployment|ledger|event-log|strategies)\//, [
    'test/runtime/deployment/*.ci.ts', 'test/tools/model-checker/{interleavings,crashes-one-way,crashes-outputs,crashes-first-order}.ci.ts',
  ]],
  [/^src\/(?:runtime\/(?:probing|metrics|analysis)|analysis|health-checks)\//, ['test/false-alarms/*.ci.ts', 'test/tools/model-checker/crashes-analysis.ci.ts']],
  [/^src\/runtime\/(?:monitoring|notifications|status-page)\//, [
    'test/runtime/monitoring/*.ci.ts', 'test/e2e/{watch,alerts,status-page}.ci.ts', 'test/tools/model-checker/{overlaps,crashes-watch,crashes-alarms,crashes-notify}.ci.ts',
  ]],
  [/^src\/(?:ci|delivery|files)\//, ['test/{combinations,security,project-types}/*.ci.ts', 'test/ci/github/workflows/*.ci.ts', 'test/tools/model-checker/{outcomes,chains}.ci.ts']],
  [/^src\/ci\/github\/(?:proof|invariants|expressions)\//, ['test/ci/github/invariants/*.ci.ts', 'test/tools/model-checker/{outcome-mutants,proof-mutants}.ci.ts']],
  [/^src\/runtime\/(?:previews|pull-requests)\//, ['test/tools/model-checker/{previews,preview-outcomes}.ci.ts', 'test/e2e/{previews,pull-requests,pull-request-changes}.ci.ts']],
  [/^src\/runtime\/(?:ci|http|files|processes|git)\//, ['test/runtime/ci/**/*.ci.ts', 'test/e2e/{rerun,by-hand,shop}.ci.ts']],
];

export function selectedSuites(file: string): string[] {
  return ROOMS.flatMap(([pattern, suites]) => {
    const [, name = ''] = pattern.exec(file) ?? [];
    return pattern.test(file) ? suites.map((suite) => suite.replace('$1', name)) : [];
  });
}
