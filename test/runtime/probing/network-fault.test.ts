import { networkFault } from '../../../src/runtime/probing/network-fault';

function failed(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

describe('a request that failed', () => {
  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'ECONNABORTED'])('reports %s as no response', (code) => {
    expect(networkFault(failed(code)).outcome).toBe('unreachable');
  });

  test.each(['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EMFILE'])('says with %s that the prober cannot probe', (code) => {
    expect(networkFault(failed(code))).toEqual({ outcome: 'blind', saw: expect.stringMatching(new RegExp(`^cannot probe: .+ \\(${code}\\)$`)) });
  });

  test.each(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_SIGNATURE_FAILURE', 'ERR_SSL_WRONG_VERSION_NUMBER', 'EPROTO', 'HPE_INVALID_CONSTANT'])(
    'takes %s for a bad response', (code) => {
      expect(networkFault(failed(code)).outcome).toBe('unhealthy');
    });

  test('counts as refused when one of several addresses refused, though another had no route', () => {
    expect(networkFault(new AggregateError([failed('ENETUNREACH'), failed('ECONNREFUSED')])).outcome).toBe('unreachable');
    expect(networkFault(new AggregateError([failed('ENETUNREACH'), failed('EHOSTUNREACH')])).outcome).toBe('blind');
  });

  test('says nothing about the service when the probe itself fell over', () => {
    expect(networkFault(new TypeError('no\n::error::way'))).toEqual({ outcome: 'blind', saw: 'cannot probe: no ::error::way' });
    expect(networkFault(undefined).outcome).toBe('blind');
  });

  test('takes an unknown error for no response, and names it', () => {
    expect(networkFault(failed('ERR_STREAM_PREMATURE_CLOSE'))).toEqual({ outcome: 'unreachable', saw: 'no response (ERR_STREAM_PREMATURE_CLOSE)' });
  });
});
