import { EngineError, EngineErrorKind, outsideFaultOf } from '../../../src/runtime/targets/engine-error';

it.each<[EngineErrorKind, string | undefined]>([
  ['throttled', 'unavailable'], ['unavailable', 'unavailable'], ['timeout', 'unavailable'], ['full', 'unavailable'],
  ['accessDenied', 'unavailable'], ['signedOut', 'unavailable'], ['cliMissing', 'unavailable'],
  ['conflict', 'conflict'], ['overtaken', 'overtaken'],
  // the release is not there in time, is missing, or is refused
  ['overdue', undefined], ['notFound', undefined], ['rejected', undefined],
])('an engine\'s %s is a fault of the world: %s', (kind, fault) => {
  expect(outsideFaultOf(new EngineError(kind, ''))).toBe(fault);
});
