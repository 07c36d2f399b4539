/** What the proof believes of the commands is what the enumeration specifies of them, which uses the runtime's own table of states. */
import * as proof from '../../../../src/ci/github/proof/environment-state';
import { isFinal } from '../../../../src/runtime/deployment/state-machine';
import * as model from '../../../../tools/model-checker/outcomes/place';

type Command = 'plan' | 'deploy' | 'monitor' | 'recover';

const MODELS: Record<Command, (place: model.Place, reported: model.ReportedResults) => model.Outcome[]> = {
  plan: model.planning, deploy: model.deploying, monitor: model.monitoring, recover: model.recovering,
};
const PROOFS: Record<Command, (state: proof.EnvironmentState, reported: proof.Reported) => proof.CommandOutcome[]> = {
  plan: proof.planned, deploy: proof.deployed, monitor: proof.monitored, recover: proof.recovered,
};
const COMMANDS = Object.keys(MODELS) as Command[];

function seen({ record, isOfThisAttempt, isLive, isVerified, isBlocked, isLower, isOutrun }: model.Place): proof.EnvironmentState {
  const short = record === 'none' || record === 'confirming' || record === 'stable' ? record : isFinal(record) ? 'over' : 'open';
  // only what is under way counts as of this attempt
  const isNew = isOfThisAttempt && record === 'deploying';
  return proof.stateOf({ record: short, isOfThisAttempt: isNew, isLive, isVerified, isRefused: isBlocked || isLower || isOutrun });
}

function outcomesOf(command: Command, place: model.Place, reported: model.ReportedResults): string[] {
  return MODELS[command](place, reported).map((outcome) => {
    const { exit, outputs: { go, state, completed_attempt: completed } } = outcome;
    return textOf({ state: seen(model.UNTOUCHED === outcome.place ? outcome.place : model.essence(outcome.place)), ...(exit !== undefined && { isSuccess: exit === 0 }), outputs: { go, state, ...(completed && { completed: 'now' as const }) } });
  });
}

function textOf({ state, isSuccess, outputs: { go, state: said, completed } }: proof.CommandOutcome): string {
  return `${isSuccess === undefined ? 'stopped' : isSuccess ? 'succeeds' : 'fails'} ${[go, said, completed].join()} ${JSON.stringify({ ...state, id: 0 })}`;
}

/** Every state that a run can reach on one environment. */
function reachable(): model.Place[] {
  const found = new Map<string, model.Place>();
  const visit = (place: model.Place) => {
    const key = JSON.stringify(place);
    if (found.has(key)) return;
    found.set(key, place);
    const ends = COMMANDS.flatMap((command) => reports().flatMap(([known]) => MODELS[command](place, known).map((outcome) => outcome.place)));
    for (const next of [...ends, ...model.meanwhile(place, true), model.afterAttempt(place)]) visit(model.essence(next));
  };
  for (const first of [model.UNTOUCHED, model.LIVE_ALREADY, model.LOWER]) visit(model.essence(first));
  return [...found.values()];
}

function reports(): [model.ReportedResults, proof.Reported][] {
  return [true, false].flatMap((isDeployed) => [undefined, 'frozen', 'unchanged', 'confirming', 'rolledBack'].flatMap((state) => [true, false].map((isRequirementMet): [model.ReportedResults, proof.Reported] => [
    { attempt: '1', deployed: isDeployed ? 'success' : 'failure', state, isRequirementMet }, { isDeployed, state, isRequirementMet },
  ])));
}

const places = reachable();

test('there are states to compare', () => {
  expect(places.length).toBeGreaterThan(20);
  expect(new Set(places.map(seen)).size).toBeGreaterThan(10);
});

test.each(COMMANDS)('%s may end as the specification says, from every state, and in no other way', (command) => {
  for (const [asked, known] of reports()) {
    // several states of the specification are one of the proof's
    const all = new Map<proof.EnvironmentState, Set<string>>();
    for (const place of places) {
      const state = seen(place);
      all.set(state, new Set([...all.get(state) ?? [], ...outcomesOf(command, place, asked)]));
    }
    for (const [state, specified] of all) {
      const proven = new Set(PROOFS[command](state, known).map(textOf));
      expect([state, known, [...proven].sort()]).toEqual([state, known, [...specified].sort()]);
    }
  }
});

test('what others do between two attempts is what the specification says', () => {
  const all = new Map<proof.EnvironmentState, Set<proof.EnvironmentState>>();
  for (const place of places) {
    const next = model.meanwhile(place, true).map((one) => seen(model.essence(one)));
    all.set(seen(place), new Set([...all.get(seen(place)) ?? [], ...next]));
  }
  for (const [state, specified] of all) {
    const missing = [...specified].filter((one) => !proof.meanwhile(state).includes(one));
    expect([state, missing]).toEqual([state, []]);
  }
});
