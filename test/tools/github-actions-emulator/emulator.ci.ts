import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atRequest, GithubActions, GithubActionsOptions, RunEvent, RunRecord, shortened, Times, WorkflowEvent } from '../../../tools/github-actions-emulator';
import { UnacceptableInputs } from '../../../tools/github-actions-emulator/event';
import { isAlive } from '../../../tools/github-actions-emulator/processes';
import { HANG, indent, Workshop, workflow } from '../../../tools/github-actions-emulator/workshop';
import { GithubStandIn } from '../../../tools/github-api-stand-in/stand-in';

let workshop: Workshop;
let root: string;
let sha: string;
let api: GithubStandIn;

beforeAll(async () => {
  workshop = await Workshop.open();
  ({ root, sha, api } = workshop);
});

afterEach(() => {
  // a test that leaves a process behind has not looked after it
  expect(workshop.tidyUp()).toEqual([]);
});

afterAll(async () => {
  expect(api.violations).toEqual([]);
  await workshop.close();
});

describe('which events start a workflow', () => {
  const started = (on: string, event: Partial<WorkflowEvent>) =>
    actions().trigger(workflow(`on: ${on}\n${NOTHING}`), { name: 'push', ref: 'refs/heads/main', sha, ...event }) !== undefined;

  it.each<[string, string, boolean]>([
    ['push', 'refs/heads/any', true],
    ['[push, pull_request]', 'refs/tags/any', true],
    ['pull_request', 'refs/heads/main', false],
    ['{ push: { branches: [main] } }', 'refs/heads/main', true],
    ['{ push: { branches: [main] } }', 'refs/heads/main2', false],
    ['{ push: { branches: [main] } }', 'refs/tags/main', false],
    ['{ push: { tags: ["v*"] } }', 'refs/tags/v1.2', true],
    ['{ push: { tags: ["v*"] } }', 'refs/tags/v1/2', false],
    ['{ push: { tags: ["v**"] } }', 'refs/tags/v1/2', true],
    ['{ push: { tags: ["v*", "!v*-rc"] } }', 'refs/tags/v1-rc', false],
    ['{ push: { tags: ["v*", "!v*-rc", "v9-rc"] } }', 'refs/tags/v9-rc', true],
    ['{ push: { tags: ["v[12].[0-9]+.[0-9]+"] } }', 'refs/tags/v1.10.1', true],
    ['{ push: { tags: ["v[12].[0-9]+.[0-9]+"] } }', 'refs/tags/v3.10.1', false],
    ['{ push: { branches: ["c\\\\+\\\\+"] } }', 'refs/heads/c++', true],
    ['{ push: { branches-ignore: [main] } }', 'refs/heads/main', false],
    ['{ push: { branches-ignore: [main] } }', 'refs/heads/other', true],
  ])('on %s, a push of %s: %s', (on, ref, expected) => {
    expect(started(on, { ref })).toBe(expected);
  });

  it.each<[string, string, string[], boolean]>([
    ['{ branches: [main], paths: ["services/api/**", "!**/*.md"] }', 'refs/heads/main', ['README.md', 'services/api/src/a.ts'], true],
    ['{ branches: [main], paths: ["services/api/**", "!**/*.md"] }', 'refs/heads/main', ['services/api/README.md'], false],
    ['{ branches: [main], paths: ["services/api"] }', 'refs/heads/main', ['services/api/a.ts'], false],
    ['{ branches: [main], paths: [src/**] }', 'refs/heads/other', ['src/a.ts'], false],
    ['{ paths: [src/**] }', 'refs/heads/any', ['src/a.ts'], true],
    ['{ tags: ["v*"], paths: [src/**] }', 'refs/tags/v1', [], true],
  ])('on push: %s, a push of %s that changes %j: %s', (filter, ref, changed, expected) => {
    expect(started(`{ push: ${filter} }`, { ref, changed })).toBe(expected);
  });

  it('takes the inputs of a dispatch in their types, completes them, and rejects what they do not allow', async () => {
    const dispatched = workflow(`
      on:
        workflow_dispatch:
          inputs:
            environment: { type: choice, options: [demo, lab], required: true }
            dry: { type: boolean, default: true }
      jobs:
        only:
          runs-on: x
          steps:
            - run: echo "\${{ inputs.environment }} \${{ github.event.inputs.environment }} \${{ inputs.dry == true }}"`);
    const dispatch = (inputs: Record<string, string>) => ({ name: 'workflow_dispatch', ref: 'refs/heads/main', sha, inputs });

    expect((await actions().execute(dispatched, dispatch({ environment: 'lab' }))).jobs.only.log).toBe('lab lab true');
    const rejected = (inputs: Record<string, string>) => expect(() => actions().trigger(dispatched, dispatch(inputs)));
    rejected({}).toThrow(UnacceptableInputs);
    rejected({ environment: '' }).toThrow('Required input \'environment\' not provided');
    rejected({ environment: 'elsewhere' }).toThrow('Provided value \'elsewhere\' for input \'environment\' not in the list of allowed values');
    rejected({ environment: 'lab', dry: '' }).toThrow('Provided value \'\' for input \'dry\' not in the list of allowed values');
    rejected({ environment: 'lab', other: '' }).toThrow('Unexpected inputs provided: ["other"]');
  });
});

describe('workflows that are rejected before anything runs', () => {
  it.each([
    ['secrets in the condition of a job', 'a: { runs-on: x, if: "secrets.TOKEN != \'\'", steps: [] }', 'Unrecognized named-value: \'secrets\''],
    ['secrets in the condition of a step', 'a: { runs-on: x, steps: [{ run: "true", if: secrets.TOKEN }] }', 'Unrecognized named-value: \'secrets\''],
    ['a status function outside an if', 'a: { runs-on: x, env: { A: "${{ always() }}" }, steps: [] }', 'Unrecognized function: \'always\''],
    ['an unknown function', 'a: { runs-on: x, if: "maybe()", steps: [] }', 'Unrecognized function: \'maybe\''],
    ['an action without an equivalent', 'a: { runs-on: x, steps: [{ uses: some/action@v1 }] }', 'no local equivalent of "some/action@v1"'],
    ['an input the equivalent ignores', 'a: { runs-on: x, steps: [{ uses: actions/checkout@v4, with: { filter: x } }] }', 'does not know "filter"'],
    ['a key the executor ignores', 'a: { runs-on: x, container: node, steps: [] }', 'jobs.a.container'],
    ['a need that is no job', 'a: { runs-on: x, needs: b, steps: [] }', 'there is no job "b"'],
    ['jobs that wait for each other', 'a: { runs-on: x, needs: b, steps: [] }\n  b: { runs-on: x, needs: a, steps: [] }', 'waits for itself'],
    ['two steps of one id', 'a: { runs-on: x, steps: [{ id: s, run: "true" }, { id: s, run: "true" }] }', 'two steps have the id "s"'],
    ['a queue that would be cancelled', 'a: { runs-on: x, concurrency: { group: g, queue: max, cancel-in-progress: true }, steps: [] }', 'exclude each other'],
  ])('%s', (_, jobs, message) => {
    expect(() => actions().trigger(workflow(`on: push\njobs:\n  ${jobs}`), push())).toThrow(message);
  });

  it.each([
    ['a choice without options', '{ type: choice }', 'a choice has options'],
    ['a default that is no option', '{ type: choice, options: [a], default: b }', 'a.default is none of the options'],
    ['a boolean whose default is a text', '{ type: boolean, default: "true" }', 'a.default is no boolean'],
    ['a type that GitHub does not know', '{ type: date }', 'there is no type "date"'],
    ['a misspelt key of an input', '{ choices: [a] }', 'a.choices: the executor does not know this key'],
  ])('%s', (_, input, message) => {
    const text = `on: { push: {}, workflow_dispatch: { inputs: { a: ${input} } } }\n${NOTHING}`;
    expect(() => actions().trigger(workflow(text), push())).toThrow(message);
  });

  it('more inputs than GitHub takes, and a secret in the name of the run', () => {
    const inputs = Array.from({ length: 26 }, (_, n) => `i${n}: {}`).join(', ');
    expect(() => actions().trigger(workflow(`on: { push: {}, workflow_dispatch: { inputs: { ${inputs} } } }\n${NOTHING}`), push())).toThrow('more than 25');
    expect(() => actions().trigger(workflow(`on: push\nrun-name: "\${{ secrets.A }}"\n${NOTHING}`), push())).toThrow(/- run-name: .*Unrecognized named-value: 'secrets'/);
  });
});

describe('the graph of jobs', () => {
  it('runs jobs as soon as those they need have ended, and hands outputs over', async () => {
    const { jobs } = await run(`
      make:
        runs-on: x
        outputs: { value: "\${{ steps.one.outputs.value }}", nothing: "\${{ steps.one.outputs.nothing }}" }
        steps: [{ id: one, run: 'echo value=42 >> "$GITHUB_OUTPUT"' }]
      use:
        runs-on: x
        needs: make
        steps: [{ run: 'echo "got \${{ needs.make.outputs.value }}, \${{ needs.make.result }}"' }]`);

    expect(jobs.make.outputs).toEqual({ value: '42' });
    expect(jobs.use.log).toBe('got 42, success');
  });

  it('runs jobs that do not need each other at the same time', async () => {
    // each waits at a pipe that the other opens
    const [here, there] = [fifo('here'), fifo('there')];
    const { conclusion } = await run(`
      a: { runs-on: x, steps: [{ run: 'echo > ${here}; read < ${there}' }] }
      b: { runs-on: x, steps: [{ run: 'read < ${here}; echo > ${there}' }] }`);

    expect(conclusion).toBe('success');
  });

  const results: [string, string, string][] = [
    // the condition of `last`, what its ancestor `first` does, what becomes of `last`
    ['', 'true', 'success'],
    ['', 'false', 'skipped'],
    ['true', 'false', 'skipped'],
    ['github.ref == \'REFS/heads/MAIN\'', 'true', 'success'],
    ['success()', 'false', 'skipped'],
    ['failure()', 'false', 'success'],
    ['failure()', 'true', 'skipped'],
    ['always()', 'false', 'success'],
    ['!cancelled()', 'false', 'success'],
    ['${{ !cancelled() && needs.middle.result == \'skipped\' }}', 'false', 'success'],
    ['always() && needs.middle.result == \'success\'', 'false', 'skipped'],
    ['${{ false }} && true', 'true', 'success'],
    ['${{ false }} && true', 'false', 'skipped'],
  ];
  it.each(results)('with `if: %s`, after a chain that began with `%s`, a job is %s', async (condition, first, expected) => {
    const { jobs } = await run(`
      first: { runs-on: x, steps: [{ run: '${first}' }] }
      middle: { runs-on: x, needs: first, steps: [{ run: 'true' }] }
      last: { runs-on: x, needs: middle, if: ${JSON.stringify(condition)}, steps: [{ run: 'true' }] }`);

    expect(jobs.last.result).toBe(expected);
  });

  it('a skip counts for everything after it, even where a job in between ran all the same', async () => {
    const { jobs } = await run(`
      first: { runs-on: x, if: false, steps: [] }
      middle: { runs-on: x, needs: first, if: always(), steps: [{ run: 'true' }] }
      last: { runs-on: x, needs: middle, steps: [{ run: 'true' }] }`);

    expect([jobs.first.result, jobs.middle.result, jobs.last.result]).toEqual(['skipped', 'success', 'skipped']);
  });

  it('a job whose matrix cannot be evaluated fails, and those after it are skipped', async () => {
    const { jobs } = await run(`
      bad: { runs-on: x, strategy: { matrix: { leg: "\${{ fromJSON('no json') }}" } }, steps: [{ run: 'true' }] }
      next: { runs-on: x, needs: bad, steps: [{ run: 'true' }] }`);
    expect([jobs.bad.result, jobs.next.result]).toEqual(['failure', 'skipped']);
  });

  it('a job that may fail counts as a success', async () => {
    const { jobs, conclusion } = await run(`
      weak: { runs-on: x, continue-on-error: true, steps: [{ run: 'false' }] }
      next: { runs-on: x, needs: weak, steps: [{ run: 'true' }] }`);

    expect([jobs.weak.result, jobs.next.result, conclusion]).toEqual(['success', 'success', 'success']);
  });

  it('a failed job makes a failed run', async () => {
    expect((await run('a: { runs-on: x, steps: [{ run: "false" }] }')).conclusion).toBe('failure');
  });
});

describe('a matrix', () => {
  const names = (record: RunRecord) => record.jobs.test.legs.map(({ name }) => name);

  it('has a leg for every combination, less what is excluded, with what is included', async () => {
    const record = await run(`
      test:
        runs-on: x
        strategy:
          matrix:
            python: ['3.11', '3.12']
            os: [linux, mac]
            exclude: [{ python: '3.11', os: mac }]
            include: [{ python: '3.12', extra: yes }, { python: '3.13', os: linux }]
        steps: [{ run: 'echo "\${{ matrix.python }} \${{ matrix.os }} \${{ matrix.extra }} \${{ strategy.job-index }}/\${{ strategy.job-total }}"' }]`);

    expect(names(record)).toEqual(['test (3.11, linux)', 'test (3.12, linux, yes)', 'test (3.12, mac, yes)', 'test (3.13, linux)']);
    expect(record.jobs.test.legs.map(({ log }) => log)).toEqual(['3.11 linux  0/4', '3.12 linux yes 1/4', '3.12 mac yes 2/4', '3.13 linux  3/4']);
  });

  it('may come from an output, and fails when one leg fails, which cancels the others', async () => {
    const { jobs, conclusion } = await run(`
      list:
        runs-on: x
        outputs: { legs: "\${{ steps.list.outputs.legs }}" }
        steps: [{ id: list, run: 'echo "legs=[1,2]" >> "$GITHUB_OUTPUT"' }]
      test:
        runs-on: x
        needs: list
        name: leg \${{ matrix.leg }}
        strategy: { matrix: { leg: "\${{ fromJSON(needs.list.outputs.legs) }}" } }
        steps: [{ run: '[ \${{ matrix.leg }} = 1 ] && exit 1; exec sleep 100' }]
      after: { runs-on: x, needs: test, steps: [{ run: 'true' }] }`);

    expect(jobs.test.legs.map(({ name, result }) => [name, result])).toEqual([['leg 1', 'failure'], ['leg 2', 'cancelled']]);
    expect([jobs.test.result, jobs.after.result, conclusion]).toEqual(['failure', 'skipped', 'failure']);
  });

  it('lets every leg end without fail-fast, and runs no more at a time than it may', async () => {
    const { jobs } = await run(`
      test:
        runs-on: x
        strategy: { fail-fast: false, max-parallel: 1, matrix: { leg: [1, 2] } }
        outputs: { last: "\${{ matrix.leg }}" }
        steps: [{ run: 'mkdir ${root}/alone && rmdir ${root}/alone && [ \${{ matrix.leg }} = 2 ]' }]`);

    expect(jobs.test.legs.map(({ result }) => result)).toEqual(['failure', 'success']);
    expect(jobs.test.outputs).toEqual({ last: '2' });
  });
});

describe('a step', () => {
  it('that says shell: bash fails with any command of a pipe, one that says nothing does not', async () => {
    const { jobs } = await run(`
      said: { runs-on: x, steps: [{ shell: bash, run: 'false | true' }] }
      unsaid: { runs-on: x, steps: [{ run: 'false | true' }] }
      default: { runs-on: x, defaults: { run: { shell: bash } }, steps: [{ run: 'false | true' }] }
      other: { runs-on: x, steps: [{ shell: 'cat {0}', run: 'only text' }] }`);

    expect(Object.values(jobs).map(({ result }) => result)).toEqual(['failure', 'success', 'failure', 'success']);
    expect(jobs.other.log).toBe('only text');
  });

  it('stops at the first command that fails, and says with which code', async () => {
    const { jobs } = await run('a: { runs-on: x, steps: [{ run: "echo before\\n(exit 7)\\necho after" }] }');

    expect(jobs.a.log).toBe('before\n##[error]Process completed with exit code 7.');
    expect(jobs.a.annotations).toEqual([{ level: 'error', message: 'Process completed with exit code 7.' }]);
  });

  it('runs as its condition says, and knows what became of those before', async () => {
    const { jobs } = await run(`
      a:
        runs-on: x
        steps:
          - { id: weak, run: exit 1, continue-on-error: true }
          - { id: bad, run: exit 1 }
          - { id: next, run: 'true' }
          - { id: on-failure, if: failure(), run: 'echo "\${{ steps.weak.outcome }} \${{ steps.weak.conclusion }} \${{ steps.next.conclusion }} \${{ job.status }}"' }
          - { id: whatever, if: "\${{ always() && steps.bad.conclusion != 'success' }}", run: 'true' }
          - { id: not-this, if: "\${{ always() && steps.weak.conclusion != 'success' }}", run: 'true' }`);

    const outcomes = jobs.a.legs[0].steps.map(({ id, outcome, conclusion }) => [id, outcome, conclusion]);
    expect(outcomes).toEqual([
      ['weak', 'failure', 'success'],
      ['bad', 'failure', 'failure'],
      ['next', 'skipped', 'skipped'],
      ['on-failure', 'success', 'success'],
      ['whatever', 'success', 'success'],
      ['not-this', 'skipped', 'skipped'],
    ]);
    expect(jobs.a.log).toContain('failure success skipped failure');
    expect(jobs.a.result).toBe('failure');
  });

  it('has the variables of the workflow, the job and itself, the nearest wins, and GitHub\'s own cannot be changed', async () => {
    const { jobs } = await actions().execute(workflow(`
      on: push
      env: { A: workflow, B: workflow, C: workflow }
      jobs:
        a:
          runs-on: x
          env: { B: job, C: job }
          steps:
            - env: { C: step, GITHUB_SHA: mine, D: "\${{ env.B }}" }
              run: echo "$A $B $C $D \${{ env.C }} $GITHUB_SHA $GITHUB_RUN_ATTEMPT $GITHUB_REF_NAME $CI"
            - run: echo "$C \${GITHUB_TOKEN-no token} \${JEST_WORKER_ID-no jest}"`), push());

    expect(jobs.a.log).toBe(`workflow job step job step ${sha} 1 main true\njob no token no jest`);
  });

  it('works in the folder that it, or its job, names', async () => {
    const { jobs } = await run(`
      a:
        runs-on: x
        defaults: { run: { working-directory: .. } }
        steps:
          - run: basename "$PWD"
          - { run: 'basename "$PWD"; [ "$PWD" = "$GITHUB_WORKSPACE" ]', working-directory: . }`);

    expect(jobs.a.log).toBe('a\nwork');
    expect(jobs.a.result).toBe('success');
  });

  it('writes outputs, variables, folders of the PATH and the summary into files', async () => {
    const { jobs } = await run(`
      a:
        runs-on: x
        steps:
          - id: one
            run: |
              { echo 'simple=a=b<<c'; echo 'long<<END'; echo 'x=1'; echo; echo 'END '; echo END; echo 'after=1'; } >> "$GITHUB_OUTPUT"
              echo 'NAME=from a file' >> "$GITHUB_ENV"
              echo 'NODE_OPTIONS=--inspect' >> "$GITHUB_ENV"
              mkdir bin; echo 'echo from the path' > bin/tool; chmod +x bin/tool; echo "$PWD/bin" >> "$GITHUB_PATH"
              echo '# Title' >> "$GITHUB_STEP_SUMMARY"
          - run: tool; echo "$NAME \${{ env.NAME }} \${NODE_OPTIONS-unset}"; echo more >> "$GITHUB_STEP_SUMMARY"`);

    expect(jobs.a.step('one')?.outputs).toEqual({ simple: 'a=b<<c', long: 'x=1\n\nEND ', after: '1' });
    expect(jobs.a.log).toContain('from the path\nfrom a file from a file unset');
    expect(jobs.a.summary).toBe('# Title\n\nmore\n');
  });

  it('fails when it leaves a file that is none of GitHub\'s, and still has the outputs of a step that failed', async () => {
    const { jobs } = await run(`
      open: { runs-on: x, steps: [{ run: 'echo "name<<END" >> "$GITHUB_OUTPUT"' }] }
      none: { runs-on: x, steps: [{ run: 'echo name >> "$GITHUB_ENV"' }] }
      kept: { runs-on: x, steps: [{ id: s, run: 'echo name=value >> "$GITHUB_OUTPUT"; exit 1' }] }`);

    expect([jobs.open.result, jobs.none.result]).toEqual(['failure', 'failure']);
    expect(jobs.open.log).toContain('Matching delimiter not found \'END\'');
    expect(jobs.kept.step('s')?.outputs).toEqual({ name: 'value' });
  });

  it('is commanded by what it prints: annotations, masks, outputs, and what was switched off', async () => {
    const { jobs } = await run(`
      a:
        runs-on: x
        steps:
          - id: said
            run: |
              echo '::error title=Broken,file=a.ts,line=3::it is%0Abroken'
              echo '::add-mask::hush'; echo 'say hush'
              echo '::set-output name=forged::yes'
              echo 'in the middle ##[set-output name=old;]too'
              echo '::unknown::is text'
              echo '  ::warning::on stderr' >&2
      b: { runs-on: x, steps: [{ run: 'echo ::set-env name=A::b' }] }`);

    expect(jobs.a.annotations).toEqual([
      { level: 'error', message: 'it is\nbroken', title: 'Broken', file: 'a.ts', line: '3' },
      { level: 'warning', message: 'on stderr' },
    ]);
    expect(jobs.a.log).toContain('say ***');
    expect(jobs.a.log).toContain('::unknown::is text');
    expect(jobs.a.step('said')?.outputs).toEqual({ forged: 'yes', old: 'too' });
    expect([jobs.a.result, jobs.b.result]).toEqual(['success', 'failure']);
  });

  it('can stop commands until a token', async () => {
    const { jobs } = await run(`
      a:
        runs-on: x
        steps:
          - id: said
            run: |
              echo '::stop-commands::secret-token'
              echo '::error::only text'
              echo '::secret-token::'
              echo '::notice::a command'`);

    expect(jobs.a.annotations.map(({ message }) => message)).toEqual(['a command']);
    expect(jobs.a.log).toContain('::error::only text');
  });

  it('that takes too long fails, even if it then ends well', async () => {
    const { jobs } = await run(`
      a: { runs-on: x, steps: [{ timeout-minutes: 1, run: 'trap "exit 0" INT; ${HANG}' }] }`, { times: shortened(0.001) });

    expect(jobs.a.result).toBe('failure');
    expect(jobs.a.log).toContain('timed out after 1 minutes');
  });
});

describe('secrets and permissions', () => {
  const settings: Partial<GithubActionsOptions> = {
    secrets: { EVERYWHERE: 'repository-secret' },
    vars: { WHERE: 'repository' },
    environments: { production: { secrets: { KEY: 'environment-secret' }, vars: { WHERE: 'production' } } },
  };

  it('shows an environment\'s secrets only to the jobs that name it, and no secret to a reader of logs, summaries and outputs', async () => {
    const step = 'env: { KEY: "${{ secrets.KEY }}", ALL: "${{ secrets.EVERYWHERE }}" }, run: \'echo "[$KEY] [$ALL] ${{ vars.WHERE }}" | tee -a "$GITHUB_STEP_SUMMARY"; echo "out=$KEY$ALL" >> "$GITHUB_OUTPUT"; [ -z "$KEY" ]\'';
    const { jobs } = await run(`
      inside: { runs-on: x, environment: { name: production, deployment: false }, outputs: { out: "\${{ steps.s.outputs.out }}" }, steps: [{ id: s, continue-on-error: true, ${step} }] }
      outside: { runs-on: x, steps: [{ id: s, ${step} }] }`, settings);

    expect(jobs.inside.step('s')?.outcome).toBe('failure');
    expect(jobs.outside.step('s')?.outcome).toBe('success');
    expect(jobs.inside.log).toContain('[***] [***] production');
    expect(jobs.inside.summary).toBe('[***] [***] production\n');
    expect(jobs.outside.log).toBe('[] [***] repository');
    expect(jobs.inside.outputs).toEqual({});
    expect(jobs.inside.annotations).toContainEqual({ level: 'warning', message: 'Skip output \'out\' since it may contain secret.' });
  });

  it('hides every line of a secret of several lines', async () => {
    const { jobs } = await run('a: { runs-on: x, steps: [{ run: echo line-two }] }', { secrets: { LONG: 'line-one\nline-two' } });
    expect(jobs.a.log).toBe('***');
  });

  it('gives each job a token that may do what the job, else the workflow, says, and nothing more', async () => {
    const list = 'env: { TOKEN: "${{ github.token }}" }, run: \'curl -s -o /dev/null -w "%{http_code}" -H "Authorization: Bearer $TOKEN" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/deployments"\'';
    const { jobs } = await actions().execute(workflow(`
      on: push
      permissions: { deployments: read }
      jobs:
        inherits: { runs-on: x, steps: [{ ${list} }] }
        own: { runs-on: x, permissions: { contents: read }, steps: [{ ${list} }] }
        none: { runs-on: x, permissions: {}, steps: [{ ${list} }] }`), push());

    expect([jobs.inherits.log, jobs.own.log, jobs.none.log]).toEqual(['200', '403', '403']);
  });

  it('requests the approval of an environment, and fails a job that is rejected', async () => {
    const requests: string[] = [];
    const approve = async ({ job }: { job: string }) => {
      requests.push(job);
      return job === 'yes';
    };
    const { jobs } = await run(`
      yes: { runs-on: x, environment: { name: guarded, deployment: false }, steps: [{ run: 'true' }] }
      no: { runs-on: x, environment: { name: guarded, deployment: false }, steps: [{ run: 'true' }] }
      free: { runs-on: x, environment: { name: open, deployment: false }, steps: [{ run: 'true' }] }`, { environments: { guarded: { approve } } });

    expect(requests.sort()).toEqual(['no', 'yes']);
    expect([jobs.yes.result, jobs.no.result, jobs.free.result]).toEqual(['success', 'failure', 'success']);
    expect(jobs.no.legs[0].steps).toEqual([]);
  });

  it('lets GitHub record a deployment of its own unless the job says deployment: false', async () => {
    await run(`
      silent: { runs-on: x, environment: { name: silent, deployment: false }, steps: [{ run: 'true' }] }
      loud: { runs-on: x, environment: loud, steps: [{ run: 'true' }] }`);

    expect(api.deployments('silent')).toEqual([]);
    expect(api.deployments('loud').map(({ statuses }) => statuses.at(-1)?.state)).toEqual(['success']);
  });
});

describe('actions', () => {
  it('check out the commit of the run, without history and without credentials where that is said', async () => {
    const { jobs } = await run(`
      plain: { runs-on: x, steps: [{ uses: actions/checkout@v7 }, { run: 'cat src/code.txt; git log --oneline | wc -l; git branch --show-current; git config --get-regexp extraheader | wc -l' }] }
      bare: { runs-on: x, steps: [{ uses: actions/checkout@v7, with: { persist-credentials: false, fetch-depth: 0 } }, { run: 'git log --oneline | wc -l; git tag; git config --get-regexp extraheader | wc -l' }] }`);

    expect(jobs.plain.log).toBe('the second1\nmain\n1');
    expect(jobs.bare.log).toBe('2\nv1.0.0\n0');
  });

  it('check out a tag, an earlier commit, a part of the tree', async () => {
    const first = git('rev-parse', 'main~1');
    const { jobs } = await actions().execute(workflow(`
      on: push
      jobs:
        tag: { runs-on: x, steps: [{ uses: actions/checkout@v7 }, { run: 'git describe --tags --exact-match; git rev-parse HEAD' }] }
        earlier: { runs-on: x, steps: [{ uses: actions/checkout@v7, with: { ref: ${first}, path: there } }, { run: 'ls there; git -C there rev-parse HEAD' }] }
        part: { runs-on: x, steps: [{ uses: actions/checkout@v7, with: { sparse-checkout: .projen } }, { run: 'ls -A' }] }`), { name: 'push', ref: 'refs/tags/v1.0.0', sha });

    expect(jobs.tag.log).toBe(`v1.0.0\n${sha}`);
    expect(jobs.earlier.log).toBe(`README.md\n${first}`);
    expect(jobs.part.log).toBe('.git\n.projen\nREADME.md');
  });

  it('check that the tool is there', async () => {
    const { jobs } = await run('a: { runs-on: x, steps: [{ id: node, uses: actions/setup-node@v4, with: { node-version: 20 } }] }');
    expect(jobs.a.step('node')?.outputs['node-version']).toBe(process.versions.node);
  });

  describe('set up Python:', () => {
    const before = process.env.PYENV_ROOT;
    const setUp = (version: string) =>
      run(`a: { runs-on: x, steps: [{ id: python, uses: actions/setup-python@v7, with: { python-version: '${version}' } }, { id: after, run: python }] }`);

    beforeAll(() => {
      process.env.PYENV_ROOT = join(root, 'pyenv');
      for (const version of ['3.9.18', '3.12.4', '3.12.11']) installFakePython(join(root, 'pyenv', 'versions', version, 'bin'), version);
    });

    afterAll(() => {
      if (before === undefined) delete process.env.PYENV_ROOT;
      else process.env.PYENV_ROOT = before;
    });

    it.each([['3.12', '3.12.11'], ['3.12.4', '3.12.4'], ['3.9', '3.9.18']])('%s is %s, in an environment of the job\'s own, first on PATH', async (wanted, version) => {
      const { jobs } = await setUp(wanted);
      expect(jobs.a.step('python')?.outputs['python-version']).toBe(version);
      expect(jobs.a.log).toContain(`${version} in ${jobs.a.step('python')?.outputs['python-path']}`);
      expect(jobs.a.step('python')?.outputs['python-path']).toContain(join(root, 'hub'));
    });

    it.each([['3.99', 'was not found on this machine'], ['>=3.9', 'no range of versions']])('%s fails the step: %s', async (wanted, why) => {
      const { jobs } = await setUp(wanted);
      expect(jobs.a.log).toContain(why);
      expect([jobs.a.step('python')?.outcome, jobs.a.step('after')?.outcome]).toEqual(['failure', 'skipped']);
    });
  });

  const upload = (name: string, more = '') => `{ id: upload, uses: actions/upload-artifact@v7, with: { name: ${name}, path: out/*.txt, if-no-files-found: error${more} } }`;

  it('keep files of one job for another: by name, or by id right into a folder', async () => {
    const { jobs, runId } = await run(`
      make:
        runs-on: x
        outputs: { id: "\${{ steps.upload.outputs.artifact-id }}" }
        steps: [{ run: 'mkdir out; echo content > out/a.txt; echo no > out/b.md' }, ${upload('kept')}]
      use:
        runs-on: x
        needs: make
        steps:
          - { uses: actions/download-artifact@v8, with: { name: kept, path: by-name } }
          - { uses: actions/download-artifact@v8, with: { artifact-ids: "\${{ needs.make.outputs.id }}", path: "\${{ runner.temp }}/by-id", merge-multiple: true } }
          - { uses: actions/download-artifact@v8, with: { path: all } }
          - { run: 'cat by-name/a.txt "$RUNNER_TEMP/by-id/a.txt" all/kept/a.txt; ls by-name' }`);

    expect(jobs.use.log).toContain('content\ncontent\ncontent\na.txt');
    expect(api.artifact(Number(jobs.make.outputs.id))).toMatchObject({ name: 'kept', runId });
  });

  it('do not replace a kept artifact by default, and fail when there is nothing to keep', async () => {
    const { jobs } = await run(`
      twice: { runs-on: x, steps: [{ run: 'mkdir out; echo > out/a.txt' }, ${upload('twice')}, ${upload('twice').replace('id: upload, ', '')}] }
      over: { runs-on: x, steps: [{ run: 'mkdir out; echo > out/a.txt' }, ${upload('over')}, ${upload('over', ', overwrite: true').replace('id: upload, ', '')}] }
      nothing: { runs-on: x, steps: [${upload('nothing')}] }`);

    expect([jobs.twice.result, jobs.over.result, jobs.nothing.result]).toEqual(['failure', 'success', 'failure']);
    expect(jobs.nothing.log).toContain('No files were found');
  });

  it('fetch an artifact of another run with a token that may read actions, as long as it is kept', async () => {
    const hub = actions();
    const made1 = await hub.execute(workflow(`on: push\njobs:\n  make: { runs-on: x, steps: [{ run: 'mkdir out; echo content > out/a.txt' }, ${upload('kept')}] }`), push());
    const id = Number(made1.jobs.make.step('upload')?.outputs['artifact-id']);
    const fetching = (permissions: string) => `{ runs-on: x, permissions: ${permissions}, steps: [{ uses: actions/download-artifact@v8, with: { artifact-ids: ${id}, run-id: ${made1.runId}, github-token: "\${{ github.token }}" } }, { run: cat a.txt }] }`;
    const use = workflow(`on: push\njobs:\n  may: ${fetching('{ actions: read }')}\n  may-not: ${fetching('{ contents: read }')}`);

    const { jobs } = await hub.execute(use, push());
    expect(jobs.may.log).toContain('content');
    expect(jobs['may-not'].log).toContain('403');

    api.expireArtifact(id);
    expect((await hub.execute(use, push())).jobs.may.log).toContain('None of the provided artifact IDs were found');
  });
});

describe('gh, which the image has,', () => {
  const release = (tag: string, rest = '') => workshop.run(`publish:
  runs-on: ubuntu-latest
  permissions: { contents: write }
  steps:
    - env: { GITHUB_TOKEN: "\${{ github.token }}" }
      run: |
        echo 'what is new' > notes.md
        gh release create ${tag} -R "$GITHUB_REPOSITORY" -F notes.md -t ${tag} --target "$GITHUB_SHA"${rest}`);

  it('releases a tag, which git has from then on', async () => {
    const { conclusion, jobs } = await release('v2.0.0');
    expect([conclusion, jobs.publish.log]).toEqual(['success', expect.stringContaining('/acme/shop/releases/tag/v2.0.0')]);
    expect(api.releases().at(-1)).toMatchObject({ tag: 'v2.0.0', title: 'v2.0.0', notes: 'what is new\n', target: sha, prerelease: false });
    expect(workshop.git('rev-parse', 'refs/tags/v2.0.0')).toBe(sha);
  });

  it('says why GitHub rejects it, as projen looks for it', async () => {
    await release('v2.1.0');
    const { conclusion, jobs } = await release('v2.1.0');
    expect([conclusion, jobs.publish.log]).toEqual(['failure', expect.stringContaining('Release.tag_name already exists')]);
  });

  it('does nothing without a token, or what it does not know', async () => {
    const { jobs } = await workshop.run(`publish:
  runs-on: ubuntu-latest
  steps:
    - { run: gh release create v3.0.0, continue-on-error: true }
    - { run: gh pr list, continue-on-error: true }`);
    expect(jobs.publish.legs[0].steps.map(({ outcome }) => outcome)).toEqual(['failure', 'failure']);
    expect(jobs.publish.log).toContain('set the GH_TOKEN environment variable');
    expect(api.releases().map(({ tag }) => tag)).not.toContain('v3.0.0');
  });
});

describe('a projen task', () => {
  it('runs from an installation above the workspace, without the network', async () => {
    const version = (JSON.parse(readFileSync(join(__dirname, '../../../node_modules/projen/package.json'), 'utf8')) as { version: string }).version;
    const { jobs } = await run(
      `a: { runs-on: x, steps: [{ uses: actions/checkout@v7 }, { run: npx projen@${version} hello }] }`,
      { nodeModules: join(__dirname, '../../../node_modules'), extraEnv: { npm_config_offline: 'true' } },
    );
    expect(jobs.a.log).toContain('hello from projen');
  });
});

describe('concurrency groups', () => {
  const one = (queue: string) => workflow(`on: push\njobs:\n  a: { runs-on: x, concurrency: { group: G, ${queue} }, steps: [{ run: 'echo "ran \${{ github.run_id }}"' }] }`);
  const holding = workflow('on: push\njobs:\n  a: { runs-on: x, environment: { name: guarded, deployment: false }, concurrency: g, steps: [{ run: \'true\' }] }');

  /** A run holds the group, waiting for approval, while `others` line up. */
  async function lineUp(hub: GithubActions, release: () => void, queue: string, others: number): Promise<RunRecord[]> {
    const first = hub.trigger(holding, push())!;
    const records = [first.execute()];
    await first.until((event) => event.kind === 'jobWaiting' && event.for === 'approval');
    for (let n = 0; n < others; n += 1) {
      const next = hub.trigger(one(queue), push())!;
      records.push(next.execute());
      await next.until((event) => event.kind === 'jobWaiting' && event.for === 'concurrency');
    }
    release();
    return Promise.all(records);
  }

  function guarded() {
    let release = () => {};
    const approval = new Promise<boolean>((resolve) => { release = () => resolve(true); });
    return { hub: actions({ environments: { guarded: { approve: () => approval } } }), release: () => release() };
  }

  it('with queue: max everyone waits for the holder of the group, also for an approval', async () => {
    const { hub, release } = guarded();
    const records = await lineUp(hub, release, 'queue: max', 3);
    expect(records.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success', 'success']);
  });

  it('without it only the newest waits', async () => {
    const { hub, release } = guarded();
    const records = await lineUp(hub, release, 'cancel-in-progress: false', 3);
    expect(records.map(({ jobs }) => jobs.a.result)).toEqual(['success', 'cancelled', 'cancelled', 'success']);
  });

  it('cancel a run in progress if that is set', async () => {
    const { hub, release } = guarded();
    const records = await lineUp(hub, release, 'cancel-in-progress: true', 1);
    expect(records.map(({ jobs }) => jobs.a.result)).toEqual(['cancelled', 'success']);
  });

  it('hold whole runs as well', async () => {
    const text = (step: string) => workflow(`on: push\nconcurrency: all\njobs:\n  a: { runs-on: x, steps: [{ run: '${step}' }] }`);
    const hub = actions();
    const first = hub.trigger(text(`read < ${fifo('gate')}`), push())!;
    const second = hub.trigger(text('true'), push())!;
    const records = [first.execute(), second.execute()];
    await first.until(({ kind }) => kind === 'stepStarted');
    expect(second.events).toEqual([]);
    workshop.letPass(join(root, 'gate'));
    expect((await Promise.all(records)).map(({ conclusion }) => conclusion)).toEqual(['success', 'success']);
  });
});

describe('cancelling a run', () => {
  const said = (text: string) => (event: RunEvent) => event.kind === 'line' && event.text === text;

  async function cancelledAt(text: string, jobs: string, options: Partial<GithubActionsOptions> = {}): Promise<RunRecord> {
    const started = actions(options).trigger(workflow(`on: push\njobs:\n${indent(jobs)}`), push())!;
    const record = started.execute();
    await started.until(said(text));
    started.cancel();
    return record;
  }

  it('interrupts the step, runs those that always run, and the jobs that do', async () => {
    const { jobs, conclusion } = await cancelledAt('ready', `
      a:
        runs-on: x
        outputs: { kept: "\${{ steps.long.outputs.kept }}" }
        steps:
          - { id: long, run: 'echo kept=yes >> "$GITHUB_OUTPUT"; trap "echo interrupted; exit 0" INT; ${HANG}' }
          - { id: after, run: 'true' }
          - { id: always, if: always(), run: 'echo "always, \${{ steps.long.conclusion }}"' }
          - { id: recover, if: "\${{ always() && steps.long.conclusion != 'success' }}", run: 'true' }
          - { id: cancelled, if: cancelled(), run: 'true' }
          - { id: failed, if: failure(), run: 'true' }
      next: { runs-on: x, needs: a, steps: [{ run: 'true' }] }
      not-cancelled: { runs-on: x, needs: a, if: '!cancelled()', steps: [{ run: 'true' }] }
      last: { runs-on: x, needs: a, if: "always() && needs.a.result == 'cancelled'", steps: [{ run: 'true' }] }`);

    expect(jobs.a.log).toContain('interrupted');
    expect(jobs.a.log).toContain('always, cancelled');
    expect(jobs.a.legs[0].steps.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['long', 'cancelled'], ['after', 'skipped'], ['always', 'success'], ['recover', 'success'], ['cancelled', 'success'], ['failed', 'skipped'],
    ]);
    expect(jobs.a.outputs).toEqual({ kept: 'yes' });
    expect([jobs.a.result, jobs.next.result, jobs['not-cancelled'].result, jobs.last.result]).toEqual(['cancelled', 'skipped', 'skipped', 'success']);
    expect(conclusion).toBe('cancelled');
  });

  it('terminates who does not listen to the interrupt, kills who does not listen to that', async () => {
    const stubborn = (traps: string, times: Partial<Times>) => cancelledAt(
      'ready', `a: { runs-on: x, steps: [{ run: '${traps}; ${HANG}' }, { id: recover, if: always(), run: 'true' }] }`, { times: shortened(0.01, times) },
    );

    expect((await stubborn('trap "" INT; trap "echo terminated; exit" TERM', { interruptMs: 10 })).jobs.a.log).toContain('terminated');
    const { a } = (await stubborn('trap "" INT TERM', { interruptMs: 10, terminateMs: 10 })).jobs;
    expect([a.result, a.step('recover')?.outcome]).toEqual(['cancelled', 'success']);
  });

  it('signals the shell only, not its child, unless the script uses exec', async () => {
    const program = 'node -e \'process.on("SIGINT", () => { console.log("received"); process.exit(); }); setInterval(() => {}, 1000); console.log("ready")\'';
    const received = async (line: string, times: Partial<Times> = {}) => (await cancelledAt(
      'ready', `a:\n  runs-on: x\n  steps:\n    - run: |\n        ${line}\n    - { if: always(), run: 'echo next' }`, { times: shortened(0.01, times) },
    )).jobs.a.log;

    expect(await received(`exec ${program}`)).toBe('ready\nreceived\n##[error]The operation was canceled.\nnext');
    // the next step begins beside it; it is killed when the job ends
    expect(await received(program, { interruptMs: 10 })).toMatch(/^ready\n##\[error\]The operation was canceled\.\nnext\nTerminate orphan process: pid \(\d+\)$/);
  });

  it('does not interrupt a step whose condition holds even now', async () => {
    const { jobs } = await cancelledAt('ready', `
      a:
        runs-on: x
        steps:
          - { run: 'true' }
          - { if: always(), run: 'trap "echo interrupted; exit" INT; mkfifo end; echo ready; read < end' }`, {
      onEvent: (event, started) => {
        if (event.kind === 'cancelled') workshop.letPass(join(workshop.newest.runsFolder, `${started.runId}-1`, 'a', 'work', 'end'));
      },
    });

    expect(jobs.a.log).toBe('ready');
    expect(jobs.a.legs[0].steps.map(({ outcome }) => outcome)).toEqual(['success', 'success']);
    expect(jobs.a.result).toBe('cancelled');
  });

  it('lets a job go on whose condition holds even now, for five minutes', async () => {
    const { jobs } = await cancelledAt('ready', `
      endless: { runs-on: x, if: always(), outputs: { lost: 'yes' }, steps: [{ run: 'trap "echo goes on" INT; ${HANG}' }] }
      after: { runs-on: x, needs: endless, if: always(), steps: [{ run: 'true' }] }`, { times: shortened(0.01, { cancelMs: 300 }) });

    expect(jobs.endless.log).toBe('ready');
    expect(jobs.endless.outputs).toEqual({});
    expect([jobs.endless.result, jobs.after.result]).toEqual(['cancelled', 'cancelled']);
  });

  it('does not wait for approvals and turns any more', async () => {
    const hub = actions({ environments: { guarded: { approve: () => new Promise<boolean>(() => {}) } } });
    const started = hub.trigger(workflow(`
      on: push
      jobs:
        a: { runs-on: x, environment: guarded, concurrency: { group: q, queue: max }, steps: [{ run: 'true' }] }
        b: { runs-on: x, concurrency: { group: q, queue: max }, steps: [{ run: 'true' }] }`), push())!;
    const record = started.execute();
    await started.until((event) => event.kind === 'jobWaiting' && event.for === 'approval');
    await started.until((event) => event.kind === 'jobWaiting' && event.for === 'concurrency');
    started.cancel();

    const { jobs } = await record;
    expect([jobs.a.result, jobs.b.result]).toEqual(['cancelled', 'cancelled']);
  });

  it('a job that takes too long is cancelled, the run is not', async () => {
    const { jobs, conclusion } = await run(`
      a: { runs-on: x, timeout-minutes: 1, steps: [{ run: exec sleep 100 }, { id: recover, if: always(), run: 'true' }] }
      b: { runs-on: x, needs: a, if: '!cancelled()', steps: [{ run: 'true' }] }`, { times: shortened(0.001) });

    expect(jobs.a.result).toBe('cancelled');
    expect(jobs.a.log).toContain('exceeded the maximum execution time of 1 minutes');
    expect(jobs.a.step('recover')?.outcome).toBe('success');
    expect(jobs.b.result).toBe('success');
    expect(conclusion).toBe('cancelled');
  });
});

describe('a lost runner', () => {
  const losing = `
      a:
        runs-on: x
        outputs: { written: "\${{ steps.one.outputs.written }}" }
        steps:
          - { id: one, run: 'echo "written=\${{ github.run_attempt }}" >> "$GITHUB_OUTPUT"' }
          - { id: long, run: '[ "$LOSE" != \${{ github.run_attempt }} ] || { (exec setsid node -e "console.log(process.pid); setInterval(() => {}, 1000)"); }' }
          - { id: always, if: always(), run: 'true' }
      b: { runs-on: x, needs: a, if: "always() && needs.a.result != 'skipped'", steps: [{ run: 'echo "[\${{ needs.a.result }}, \${{ needs.a.outputs.written }}]"' }] }`;

  /** Loses the machine of `a` as soon as its program runs, in that attempt. */
  function loser(attempt: number, options: Partial<GithubActionsOptions> = {}) {
    const pids: number[] = [];
    const hub = actions({
      extraEnv: { LOSE: String(attempt) },
      onEvent: (event, started) => {
        if (event.kind !== 'line' || !/^\d+$/.test(event.text)) return;
        pids.push(Number(event.text));
        started.loseRunner('a');
      },
      ...options,
    });
    return { hub, pids };
  }

  it('loses its outputs and its processes at once, runs no step any more, and is reported as a failure', async () => {
    const { hub, pids } = loser(1);
    const { jobs, conclusion } = await hub.execute(workflow(`on: push\njobs:\n${losing}`), push());

    expect(pids.filter(isAlive)).toEqual([]);
    expect(pids).toHaveLength(1);
    expect(jobs.a.step('always')).toBeUndefined();
    expect(jobs.a.outputs).toEqual({});
    expect([jobs.a.result, jobs.b.log, conclusion]).toEqual(['failure', '[failure, ]', 'failure']);
  });

  it('may be lost in the middle of a request', async () => {
    const hub = actions();
    const run = hub.trigger(workflow(`
      on: push
      permissions: { deployments: read }
      jobs:
        a:
          runs-on: x
          steps:
            - env: { TOKEN: "\${{ github.token }}" }
              run: 'curl -s -H "Authorization: Bearer $TOKEN" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/deployments?sha=${sha}"'`), push())!;
    atRequest(api, ({ query }) => query.sha === sha, () => run.loseRunner('a'));

    const { jobs } = await run.execute();
    expect([jobs.a.result, jobs.a.log]).toEqual(['failure', '']);
  });

  it('may be reported otherwise', async () => {
    const { hub } = loser(1, { lostAs: 'cancelled' });
    expect((await hub.execute(workflow(`on: push\njobs:\n${losing}`), push())).jobs.b.log).toBe('[cancelled, ]');
  });

  it('leaves the outputs of the attempt before where it is lost in a re-run', async () => {
    const { hub } = loser(2);
    const first = await hub.execute(workflow(`on: push\njobs:\n${losing}`), push());
    expect(first.jobs.b.log).toBe('[success, 1]');
    expect((await hub.rerunAll(first).execute()).jobs.b.log).toBe('[failure, 1]');
  });
});

describe('a runner that GitHub lost contact to', () => {
  it('is given up by GitHub, and goes on with the job all the same, unheard', async () => {
    const [gate, file] = [fifo('contact'), join(root, 'lived-on')];
    const hub = actions();
    const started = hub.trigger(workflow(`
      on: push
      jobs:
        a:
          runs-on: x
          outputs: { written: "\${{ steps.one.outputs.written }}" }
          steps:
            - { id: one, run: 'echo "written=1" >> "$GITHUB_OUTPUT"; echo ready; read < ${gate}; echo unheard; echo first > ${file}' }
            - { run: 'echo second >> ${file}' }
        b: { runs-on: x, needs: a, if: always(), steps: [{ run: 'echo "[\${{ needs.a.result }}, \${{ needs.a.outputs.written }}]"' }] }`), push())!;
    const record = started.execute();
    await started.until((event) => event.kind === 'line');
    const livingOn = started.loseContact('a');

    const { jobs } = await record;
    expect([jobs.a.result, jobs.a.log, jobs.b.log]).toEqual(['failure', 'ready', '[failure, ]']);
    expect(existsSync(file)).toBe(false);
    workshop.letPass(gate);
    await livingOn;
    expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
  });
});

describe('re-running', () => {
  const flaky = `
      good: { runs-on: x, outputs: { at: "\${{ github.run_attempt }}" }, steps: [{ run: 'true' }] }
      bad: { runs-on: x, steps: [{ run: '[ "$GITHUB_RUN_ATTEMPT" -gt 1 ]' }] }
      after: { runs-on: x, needs: [good, bad], steps: [{ run: 'echo "\${{ needs.good.outputs.at }} in $GITHUB_RUN_ATTEMPT"' }] }
      legs: { runs-on: x, strategy: { fail-fast: false, matrix: { leg: [1, 2] } }, steps: [{ run: 'echo "$GITHUB_RUN_ATTEMPT"; [ \${{ matrix.leg }} -le "$GITHUB_RUN_ATTEMPT" ]' }] }
      apart: { runs-on: x, if: false, steps: [] }`;

  it('the failed jobs does them and what waits for them again, in the same run', async () => {
    const hub = actions();
    const first = await hub.execute(workflow(`on: push\njobs:\n${flaky}`), push());
    const second = await hub.rerunFailed(first).execute();

    expect([first.jobs.after.result, first.conclusion]).toEqual(['skipped', 'failure']);
    expect([second.runId, second.attempt, second.conclusion]).toEqual([first.runId, 2, 'success']);
    expect(second.jobs.good).toBe(first.jobs.good);
    expect(second.jobs.after.log).toBe('1 in 2');
    expect(second.jobs.legs.legs.map(({ log }) => log.split('\n')[0])).toEqual(['1', '2']);
    expect(second.jobs.apart.result).toBe('skipped');
  });

  it('all jobs does all of them again', async () => {
    const hub = actions();
    const first = await hub.execute(workflow(`on: push\njobs:\n${flaky}`), push());
    expect((await hub.rerunAll(first).execute()).jobs.good.outputs).toEqual({ at: '2' });
  });
});

describe('processes that a job starts', () => {
  const daemon = 'node -e \'require("child_process").spawn("sleep", ["100"], { detached: true, stdio: "ignore", env: ENV }).unref()\'';

  it('end with the job, unless they were started without its tracking id, and then with the test', async () => {
    const hub = actions();
    const { jobs } = await hub.execute(workflow(`
      on: push
      jobs:
        tracked:
          runs-on: x
          steps:
            - run: |
                ${daemon.replace('ENV', 'process.env')}
        daemon:
          runs-on: x
          steps:
            - run: |
                ${daemon.replace('ENV', '{ PATH: process.env.PATH, HOME: process.env.HOME }')}`), push());

    expect(jobs.tracked.log).toMatch(/Terminate orphan process: pid \(\d+\)$/);
    expect(jobs.daemon.log).toBe('');
    expect(hub.cleanUp()).toHaveLength(1);
  });

  it('do not keep a step waiting for longer than its output is waited for', async () => {
    const { jobs } = await run('a: { runs-on: x, steps: [{ run: \'sleep 100 & echo done\' }] }');
    expect(jobs.a.result).toBe('success');
    expect(jobs.a.log).toMatch(/^done\nTerminate orphan process/);
  });

  it('have a home and a temporary folder of their own', async () => {
    const { jobs } = await run(`
      a: { runs-on: x, steps: [{ run: 'echo "$HOME"; echo "$RUNNER_TEMP"; echo "\${{ runner.temp }}"' }] }
      b: { runs-on: x, steps: [{ run: 'echo "$HOME"; echo "$RUNNER_TEMP"; echo "\${{ runner.temp }}"' }] }`);
    const folders = [...jobs.a.log.split('\n'), ...jobs.b.log.split('\n')];

    expect(new Set(folders).size).toBe(4);
    expect(folders.every((folder) => folder.startsWith(root) && existsSync(folder))).toBe(true);
  });
});

const NOTHING = 'jobs: { a: { runs-on: x, steps: [] } }';

const actions: Workshop['actions'] = (options) => workshop.actions(options);
const run: Workshop['run'] = (jobs, options) => workshop.run(jobs, options);
const push: Workshop['push'] = () => workshop.push();
const fifo: Workshop['fifo'] = (name) => workshop.fifo(name);
const git: Workshop['git'] = (...argv) => workshop.git(...argv);

/** Knows its version, and how to make a virtual environment whose `python` says where it lies. */
function installFakePython(folder: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'python3'), `#!/usr/bin/env bash
    if [ "$1" = -c ]; then echo ${version}; exit; fi
    mkdir -p "$3/bin"
    printf '#!/bin/sh\\necho "${version} in $0"\\n' > "$3/bin/python"
    chmod +x "$3/bin/python"`, { mode: 0o755 });
}
