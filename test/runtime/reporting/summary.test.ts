import { BLUE_GREEN, REDEPLOY } from '../../../src/contract/strategies';
import { State, STATES } from '../../../src/runtime/deployment/state-machine';
import { DeploymentReport, PhaseReport, PlanReport, Report } from '../../../src/runtime/reporting/deployment-report';
import { escapeMarkdown, inCode, link } from '../../../src/runtime/reporting/markdown';
import { pathPicture } from '../../../src/runtime/reporting/path-diagram';
import { nextStepsOf, renderMarkdown, sentenceOf } from '../../../src/runtime/reporting/summary';
import { renderText } from '../../../src/runtime/reporting/summary-text';

const release = { version: 'v1.2.3', sha: 'a'.repeat(40), artifact: { digest: 'd'.repeat(64) } };
const stable = { version: 'v1.2.2', sha: 'b'.repeat(40) };

const phase = (state: State, event: PhaseReport['result']['event'], note: string, durationMs = 1_500): PhaseReport => ({ state, durationMs, result: { event, note } });

function deployment(over: Partial<DeploymentReport> = {}): DeploymentReport {
  return {
    kind: 'deployment',
    environment: 'production',
    url: 'https://www.example.com',
    requested: 'deploy',
    release,
    replaced: stable,
    strategy: 'blueGreen',
    slot: 'green',
    state: 'stable',
    isAbandoned: false,
    isBlocked: over.state === 'rolledBack',
    phases: [
      phase('deploying', 'commandSucceeded', 'deploy succeeded in 1.5 s'),
      { state: 'verifying', durationMs: 6_200, result: { event: 'healthy', note: 'health: 200 (healthy 3 in a row)', probes: [{ name: 'health', count: 4, healthy: 3, p50Ms: 12, p95Ms: 1_800 }] } },
    ],
    by: 'octocat',
    inCi: true,
    runUrl: 'https://github.com/acme/shop/actions/runs/42',
    ...over,
  };
}

function plan(over: Partial<PlanReport> = {}): PlanReport {
  return {
    kind: 'plan',
    environment: 'production',
    url: 'https://www.example.com',
    trigger: 'a tag v*',
    release,
    stable: { release: stable, since: '2026-11-24T10:00:00Z' },
    strategy: 'blueGreen',
    migrates: false,
    bakeMs: 15_000,
    slot: 'green',
    alreadyLive: false,
    rollbackPoint: 'users are switched back to the blue slot with v1.2.2',
    faults: [],
    warnings: [],
    baseline: { health: true },
    healthChecks: [{ name: 'health', url: 'https://api.example.com/health', intervalMs: 2_000, successThreshold: 3 }],
    variables: { API_URL: 'https://api.example.com' },
    secrets: ['DEPLOY_KEY'],
    inCi: true,
    ...over,
  };
}

/** What a reader of the Markdown sees, where it holds nothing but text. */
const decoded = (markdown: string) => markdown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

describe("a deployment's summary", () => {
  test('says what was deployed, what it replaced and how', () => {
    const text = decoded(renderMarkdown(deployment()));
    expect(text).toContain('## ✅ v1.2.3 is live on production, verified and Stable');
    expect(text).toContain(row('Release', '<code>v1.2.3</code> at <code>aaaaaaa</code>, files <code>dddddddddddd</code>'));
    expect(text).toContain(row('Rollback point', '<code>v1.2.2</code> at <code>bbbbbbb</code>'));
    expect(text).toContain(row('Strategy', 'blue/green, to the slot <code>green</code>'));
    expect(text).toContain('[production](<https://www.example.com/>)');
    expect(text).toContain('[42](<https://github.com/acme/shop/actions/runs/42>)');
    expect(text).toContain(row('Requested by', 'octocat'));
  });

  test('has a table of phases with durations and results', () => {
    const text = decoded(renderMarkdown(deployment()));
    expect(text).toContain(row('Phase', 'Result', 'Time', 'What happened'));
    expect(text).toContain(row('deploying', 'done', '1.5 s', 'deploy succeeded in 1.5 s'));
    expect(text).toContain(row('verifying', 'healthy', '6.2 s', 'health: 200 (healthy 3 in a row)'));
  });

  test('has a table of probes, with no percentile where nothing was probed', () => {
    expect(decoded(renderMarkdown(deployment()))).toContain(row('health', 'verifying', '4', '3', '12 ms', '1.8 s'));
    const none = { state: 'baking', durationMs: 1, result: { event: 'healthy', note: '', probes: [{ name: 'api', count: 0, healthy: 0, p50Ms: 0, p95Ms: 0 }] } } as const;
    expect(decoded(renderMarkdown(deployment({ phases: [none] })))).toContain(row('api', 'baking', '0', '0', '', ''));
  });

  test('says why it came to this: what went wrong first', () => {
    const text = decoded(renderMarkdown(deployment({
      state: 'rolledBack',
      phases: [phase('verifying', 'unhealthy', 'health: 500 (3 in a row)'), phase('rollingBack', 'healthy', 'switched back')],
    })));
    expect(text).toContain('> health: 500 (3 in a row)');
    expect(text).toContain('↩️ v1.2.3 was bad on production and was rolled back: v1.2.2 is live again, verified');
  });

  test('says what the ledger did not take', () => {
    expect(renderMarkdown(deployment({ unwritten: ['baking', 'stable'] }))).toContain('The ledger did not record baking, stable');
    expect(renderMarkdown(deployment())).not.toContain('ledger');
  });

  test('says so where nothing was verified before', () => {
    expect(decoded(renderMarkdown(deployment({ replaced: undefined })))).toContain(row('Rollback point', 'none: no release was verified here before'));
  });

  test.each(STATES)('has one sentence, an icon and a picture for a deployment that is %s', (state) => {
    for (const requested of ['deploy', 'rollback', 'adopt'] as const) {
      const report = deployment({ state, requested, phases: [] });
      expect(sentenceOf(report)).toMatch(/v1\.2\.3/);
      expect(sentenceOf(report)).toContain('production');
      expect(renderMarkdown(report)).toMatch(/^## (✅|⏳|↩️|🛑|❌|⏭️|⚠️) .+\n/);
      expect(renderMarkdown(report)).toContain('```mermaid\nflowchart LR\n');
    }
  });
});

describe("a plan's summary", () => {
  test('shows the steps in order, with the rollback point', () => {
    const text = decoded(renderMarkdown(plan()));
    expect(text).toContain('## 🗺️ v1.2.3 would be deployed to production, replacing v1.2.2');
    expect(text).toContain([
      '1. Deploy v1.2.3 to the slot green',
      '2. Verify the candidate: health 3 times in a row',
      '3. Switch users to the slot green',
      '4. Bake: probe what users see for 15 s; the bake must end healthy',
      '5. Confirm it with new probes: then it is Stable',
      '6. If any step fails: users are switched back to the blue slot with v1.2.2',
    ].join('\n'));
    expect(text).toContain(row('Live now', '<code>v1.2.2</code> at <code>bbbbbbb</code>, Stable since 2026-11-24T10:00:00Z'));
  });

  test('contains no switch with redeploy', () => {
    const text = decoded(renderMarkdown(plan({ strategy: 'redeploy', slot: undefined })));
    expect(text).toContain('2. Verify what users see');
    expect(text).not.toContain('Switch');
  });

  test('shows the configuration: values of variables, names of secrets', () => {
    const text = decoded(renderMarkdown(plan()));
    expect(text).toContain(row('<code>API_URL</code>', '<code>https://api.example.com</code>'));
    expect(text).toContain(row('<code>DEPLOY_KEY</code>', 'a secret'));
  });

  test.each([[true, 'responds'], [false, 'does not respond']])('says what the baseline reached (%s)', (reached, words) => {
    expect(decoded(renderMarkdown(plan({ baseline: { health: reached } })))).toContain(`every 2 s | ${words} |`);
  });

  test('begins with what is in the way', () => {
    const text = decoded(renderMarkdown(plan({ faults: ['v1.2.3 was rolled back before', 'no slot is recorded'] })));
    expect(text).toMatch(/^## ❌ v1\.2\.3 cannot be deployed to production: 2 problems\n\n- ❌ v1\.2\.3 was rolled back before\n- ❌ no slot is recorded\n/);
  });

  test('says that nothing is to be done, and plans nothing then', () => {
    const live = decoded(renderMarkdown(plan({ alreadyLive: true })));
    expect(live).toContain('## 💤 v1.2.3 is already live on production: nothing to do');
    expect(live).not.toContain('1. Deploy');
    expect(live).not.toContain('Next steps');
    expect(decoded(renderMarkdown(plan({ notNow: 'V1 is no tag v*' })))).toContain('## 💤 Nothing is deployed to production: V1 is no tag v*');
  });
});

describe('what next', () => {
  const lines = (report: Report) => nextStepsOf(report).flatMap(({ run }) => run ?? []);

  test('is nothing where all is well', () => {
    expect(nextStepsOf(deployment({ state: 'stable' }))).toEqual([]);
    expect(renderMarkdown(deployment({ state: 'stable' }))).not.toContain('Next steps');
  });

  test('says that a release which was rolled back is blocked', () => {
    expect(nextStepsOf(deployment({ state: 'rolledBack' }))[0].text).toContain('this one (aaaaaaa) is blocked on production');
  });

  test('gives exact lines to run on a laptop', () => {
    expect(lines(deployment({ state: 'failed', inCi: false }))).toEqual(['npx projen delivery deploy production --release v1.2.3']);
    expect(lines(deployment({ state: 'baking', inCi: false }))).toEqual(['npx projen delivery rollback production --recover']);
    expect(lines(plan({ inCi: false }))).toEqual(['npx projen delivery deploy production --release v1.2.3']);
    expect(lines(deployment({ state: 'halted', inCi: false }))).toEqual([
      'npx projen delivery resolve production --reason why',
      'npx projen delivery rollback production --release v1.2.2 --reason why',
      'npx projen delivery adopt production --release VERSION --slot SLOT --reason why',
    ]);
  });

  test.each(STATES)('names in CI only commands that use the records of the CI (%s)', (state) => {
    expect(lines(deployment({ state })).every((line) => /^npx projen delivery (resolve|rollback|adopt|unblock|unfreeze) /.test(line!))).toBe(true);
  });

  test('after a release was rolled back is a new commit, or a person who knows that it was not to blame; after a drill nothing', () => {
    expect(lines(deployment({ state: 'rolledBack' }))).toEqual(['npx projen delivery unblock production --release v1.2.3 --reason why']);
    expect(lines(deployment({ state: 'rolledBack', requested: 'drill' }))).toEqual([]);
  });

  test('after a fault of the world is to remove the cause: the release is not blocked, and not called bad', () => {
    for (const inCi of [true, false]) {
      const report = deployment({ state: 'rolledBack', fault: 'unavailable', isAbandoned: true, cause: 'deploy failed: host1: no space left', inCi });
      expect(sentenceOf(report)).toBe('v1.2.3 could not be deployed to production, which is not its fault: v1.2.2 is live, verified');
      expect(renderMarkdown(report)).toContain('> deploy failed&#58; host1&#58; no space left');
      expect(nextStepsOf(report).map(({ text }) => text)).toEqual([`v1.2.3 is not blocked. Remove the cause, then ${inCi ? 'run the failed jobs again.' : 'deploy it again:'}`]);
      expect(lines(report)).toEqual(inCi ? [] : ['npx projen delivery deploy production --release v1.2.3']);
      expect(renderMarkdown(report)).not.toMatch(/ (?:is|was) bad /);
    }
  });

  test('after someone else was there is to agree with them: nothing was restored over what they changed', () => {
    const report = deployment({ state: 'halted', fault: 'conflict', phases: [phase('promoting', 'overtaken', 'someone else moved live')] });
    expect(sentenceOf(report)).toBe('production is halted with v1.2.3: someone else changed it meanwhile, and nothing was restored over that');
    expect(nextStepsOf(report)[0].text).toBe('v1.2.3 is not blocked. Agree with whoever changed production, and check https://www.example.com: what is live there was left alone.');
    const afterRollback = deployment({ state: 'halted', fault: 'unavailable', phases: [phase('deploying', 'commandFailed', 'no route'), phase('rollingBack', 'commandFailed', 'no route')] });
    expect(sentenceOf(afterRollback)).toBe('production is halted with v1.2.3, which is not to blame, and a person must act: what users see could not be verified');
  });

  test('after a halt whose migration cannot be undone does not lead back', () => {
    const steps = nextStepsOf(deployment({ state: 'halted', irreversible: true }));
    expect(steps.map(({ run }) => run).join()).not.toContain('rollback');
    expect(steps.map(({ text }) => text).join()).toContain('cannot be undone');
  });

  test('after a halt of a target that cannot go back says what a person does instead', () => {
    const halted = deployment({ state: 'halted', irreversible: true, noRollback: 'Yank the version, and release a higher one' });
    const texts = nextStepsOf(halted).map(({ text }) => text).join('\n');
    expect(texts).toContain('The target cannot take a release back. Yank the version, and release a higher one.\nOr roll forward');
    expect(texts).not.toMatch(/migration|roll back/);
    expect(renderMarkdown(halted)).toContain('none: the target cannot take a release back');
  });

  test('while a freeze is on is to wait, or to lift it', () => {
    const frozen = plan({ frozen: 'until 2027-01-02 00:00 UTC (the holidays)' });
    expect(sentenceOf(frozen)).toBe('production is frozen until 2027-01-02 00:00 UTC (the holidays): v1.2.3 is not deployed now');
    expect(lines(frozen)).toEqual(['npx projen delivery unfreeze production --reason why']);
  });

  test('is quoted: copying it executes nothing', () => {
    const forged = deployment({ state: 'failed', inCi: false, release: { version: "v1'; $(id) `id`", sha: 'a' } });
    expect(lines(forged)).toEqual(["npx projen delivery deploy production --release 'v1'\\''; $(id) `id`'"]);
  });

  test('may be set by the caller', () => {
    const text = renderMarkdown(deployment({ next: [{ text: 'Call Ada:', run: 'phone ada' }] }));
    expect(decoded(text)).toContain('### Next steps\n\nCall Ada:\n```sh\nphone ada\n```');
  });
});

describe('the picture', () => {
  const edges = (picture: string) => picture.split('\n').flatMap((line) => / {2}(\w+ (?:==>|-\.->) \w+)$/.exec(line)?.[1] ?? []);

  test('shows the whole way where it was taken', () => {
    const path: State[] = ['pending', 'deploying', 'verifying', 'promoting', 'baking', 'confirming', 'stable'];
    expect(edges(pathPicture({ steps: BLUE_GREEN.steps, path }))).toEqual([
      'deploying ==> verifying', 'verifying ==> promoting', 'promoting ==> baking', 'baking ==> confirming', 'confirming ==> stable',
    ]);
  });

  test('shows where it turned back, and what was ahead', () => {
    const picture = pathPicture({ steps: REDEPLOY.steps, path: ['deploying', 'verifying', 'rollingBack', 'rolledBack'] });
    expect(edges(picture)).toEqual([
      'deploying ==> verifying', 'verifying ==> rollingBack', 'rollingBack ==> rolledBack', 'verifying -.-> baking', 'baking -.-> confirming', 'confirming -.-> stable',
    ]);
    expect(picture).toContain('rollingBack(["roll back"]):::bad');
    expect(picture).toContain('rolledBack(["rolled back"]):::bad');
    expect(picture).toContain('baking(["bake"]):::ahead');
    expect(picture).toContain('deploying(["deploy"]):::taken');
  });

  test('shows where it stands while it is under way', () => {
    expect(pathPicture({ steps: REDEPLOY.steps, path: ['deploying', 'verifying', 'baking', 'confirming'] })).toContain('confirming(["confirm"]):::here');
  });

  test('has a time where one is known, and nothing else of it', () => {
    const picture = pathPicture({ steps: REDEPLOY.steps, path: ['deploying'], times: { deploying: '3.2 s"] --> evil["' } });
    expect(picture).toContain('deploying(["deploy<br/>3.2 s  evil"])');
  });

  test('counts what was passed in earlier jobs', () => {
    const text = renderMarkdown(deployment({ passed: ['deploying', 'verifying', 'promoting', 'baking'], phases: [phase('confirming', 'healthy', 'ok')], state: 'stable' }));
    expect(text).toContain('baking ==> confirming');
    expect(text).toContain('confirming ==> stable');
  });
});

/** An element of ours around one entity: no mark of anybody else's is left by it. */
const withoutOurSpans = (markdown: string) => markdown.replace(/<span>(&#\d+;)<\/span>/g, '$1');

describe('text from outside', () => {
  const nasty = [
    '<script>alert(1)</script>', '<img src=x onerror=x>', '[click](https://evil.example.com)', '![x](https://evil.example.com/x.png)', '@octocat', '#1', 'a | b | c', '`code`',
    '**bold** _it_ ~~no~~', 'https://evil.example.com', 'www.evil.example.com', '&lt;b&gt;', '\\<b>', '$x^2$', ':tada:', '- item', '1. item', '# heading', '> quote', '```\nx', '---',
    'a\n\n## forged heading', '"quoted" \'too\'', '<!-- comment', '{{ x }}', 'me@example.com', '\u202egnp.exe',
  ];

  test.each(nasty)('%j is shown as it is', (text) => {
    const escaped = withoutOurSpans(escapeMarkdown(text));
    expect(escaped).toMatch(/^[^\\`*_{}[\]()+!|<>~@:"'$^=\n]*$/);
    expect(escaped.replace(/&#\d+;/g, '')).not.toMatch(/[&#]/);
    expect(escaped).not.toMatch(/^[-\d]|www\./);
    expect(decoded(escaped)).toBe(decoded(withoutOurSpans(inCode(text))).replace(/^<code>|<\/code>$/g, ''));
  });

  test.each(['me@example.com', '@octocat', '#1', 'octocat/shop#1'])('%s is parted by an element: GitHub looks for such in what it has rendered', (text) => {
    for (const shown of [escapeMarkdown(text), inCode(text)]) expect(shown).toMatch(/<span>&#(64|35);<\/span>/);
  });

  test('keeps letters of every language', () => {
    expect(escapeMarkdown('Größe 日本 ✅ 50 %, ok')).toBe('Größe 日本 ✅ 50 %, ok');
  });

  test.each(nasty)('%j changes nothing of the shape of a summary', (text) => {
    const shape = (markdown: string) => decoded(markdown).split('\n').length;
    const markup = (markdown: string) => withoutOurSpans(markdown).replace(/&#\d+;/g, '').replace(/[^|<>`#[\]]/g, '');
    const plain = 'x';
    const of = (said: string) => [
      renderMarkdown(deployment({ release: { version: said, sha: said }, by: said, reason: said, slot: said, phases: [phase('verifying', 'unhealthy', said)] })),
      renderMarkdown(plan({ rollbackPoint: said, faults: [said], trigger: said, variables: { A: said }, baseline: {} })),
    ];
    of(text).forEach((markdown, i) => {
      expect(shape(markdown)).toBe(shape(of(plain)[i]));
      expect(markup(markdown)).toBe(markup(of(plain)[i]));
    });
  });

  test('is no link unless it is a web address', () => {
    expect(link('x', 'https://a.example.com/b?c=d')).toBe('[x](<https://a.example.com/b?c=d>)');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'not a url', 'file:///etc/passwd', 'https://user:secret@a.example.com']) expect(link('x', address)).toBe('x');
  });

  test('cannot break out of a link', () => {
    expect(link('x](y)', 'https://a.example.com/>) [evil](https://evil.example.com)`|')).toMatch(/^\[x&#93;&#40;y&#41;\]\(<https:\/\/a\.example\.com\/%3E\)%20\[evil\]\(https:\/\/evil\.example\.com\)%60%7C>\)$/);
  });

  test('cannot end a block of commands', () => {
    const text = renderMarkdown(deployment({ next: [{ text: 'x', run: 'a\n```\n## forged' }, { text: 'y', run: '```' }] }));
    expect(text.match(/^```/gm)).toHaveLength(6);
    expect(text).not.toMatch(/^## forged/m);
  });
});

describe("a laptop's report", () => {
  test('says it in plain text', () => {
    expect(renderText(deployment({ inCi: false }))).toBe(`
✅ v1.2.3 is live on production, verified and Stable
   health: 200 (healthy 3 in a row)

   phase      result   time
   ---------  -------  -----
   deploying  done     1.5 s
   verifying  healthy  6.2 s

   check   phase      probes  healthy  p50    p95
   ------  ---------  ------  -------  -----  -----
   health  verifying  4       3        12 ms  1.8 s`);
  });

  test('shows a plan with its configuration and what would happen', () => {
    const text = renderText(plan({ inCi: false }));
    expect(text).toContain('   variable      API_URL=https://api.example.com\n   secret        DEPLOY_KEY');
    expect(text).toContain('   What would happen:\n   1. Deploy v1.2.3 to the slot green\n');
    expect(text).toMatch(/ {3}Next steps\n {3}Deploy it:\n {5}npx projen delivery deploy production --release v1\.2\.3$/);
  });

  test('is moved by nothing that it shows', () => {
    const text = renderText(deployment({ release: { version: 'v\u001b[2J\n::error::x', sha: 'a' }, phases: [phase('verifying', 'unhealthy', 'a\nb\u001b]0;x\u0007')] }));
    expect(text).not.toMatch(/[\u001b\u0007]|^::/m); // eslint-disable-line no-control-regex
    expect(text.split('\n')).toHaveLength(renderText(deployment({ release: { version: 'v', sha: 'a' }, phases: [phase('verifying', 'unhealthy', 'a')] })).split('\n').length);
  });
});
