import { EngineError, EngineErrorKind, mainKindOf, outsideFaultOf, overdueAfter } from '../../../src/runtime/targets/engine-error';

it.each<[EngineErrorKind, string | undefined]>([
  ['throttled', 'unavailable'], ['unavailable', 'unavailable'], ['timeout', 'unavailable'], ['full', 'unavailable'],
  ['accessDenied', 'unavailable'], ['signedOut', 'unavailable'], ['cliMissing', 'unavailable'],
  ['conflict', 'conflict'], ['overtaken', 'overtaken'],
  // the release is not there in time, is missing, or is refused
  ['overdue', undefined], ['notFound', undefined], ['rejected', undefined],
])('an engine\'s %s is a fault of the world: %s', (kind, fault) => {
  expect(outsideFaultOf(new EngineError(kind, ''))).toBe(fault);
});

it('the end of the time is the release\'s fault where the engine showed that it is not there, and else the engine\'s', () => {
  const late = new EngineError('timeout', 'the time limit has passed');
  expect(overdueAfter(late, undefined)).toBe(late);
  expect(overdueAfter(late, 'version 3 is pending')).toMatchObject({ kind: 'overdue', message: 'version 3 is pending; the time limit has passed' });
  const denied = new EngineError('accessDenied', 'no');
  expect(overdueAfter(denied, 'version 3 is pending')).toBe(denied);
});

it('what fails for several reasons is the release\'s fault if one of them is', () => {
  const [full, bad] = [new EngineError('full', ''), new EngineError('rejected', '')];
  expect([mainKindOf([full, bad]), mainKindOf([full]), mainKindOf([])]).toEqual(['rejected', 'full', 'rejected']);
});
