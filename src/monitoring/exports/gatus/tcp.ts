import { Endpoint } from './endpoint';
import { textCondition } from './text-condition';
import { TcpCheckManifest } from '../../../contract/manifest';
import { showAddress } from '../../../validation/host-and-port';
import { show } from '../../../validation/validation-error';
import { Mapped } from '../engine';
import { goDuration } from '../go-duration';

/** @see https://github.com/TwiN/gatus#monitoring-a-tcp-endpoint */
export function tcpEndpoint({ address, timeoutMs, send, expect }: TcpCheckManifest): Mapped<Endpoint> {
  const expected = expect === undefined ? {} : answerCondition(send, expect);
  return {
    made: {
      url: `tcp://${showAddress(address)}`,
      ...(send === undefined ? {} : { body: send }),
      client: { timeout: goDuration(timeoutMs) },
      conditions: ['[CONNECTED] == true', ...(expected.text === undefined ? [] : [expected.text])],
    },
    differences: expected.difference ? [expected.difference] : [],
  };
}

function answerCondition(send: string | undefined, expect: string) {
  const condition = `expect ${show(expect)}`;
  if (send === undefined) return { text: undefined, difference: { condition, why: 'Gatus listens only after it has sent something' } };
  return textCondition(condition, expect, ['only what comes first is looked at, 1 KiB at most']);
}
