import { describe, expect, it } from '@jest/globals'
import { addressKey, parseAddress } from '../../src/authoring/address.ts'

const web = { schemes: ['http', 'https'] }

describe('parseAddress', () => {
  it.each([
    'hub',
    'hub.local',
    'my_hub-2.example.com',
    'localhost',
    'localhost:8080',
    'hub.local:1883',
    'xn--bcher-kva.example:443',
    '192.168.1.5',
    '192.168.1.5:8123',
    '0.0.0.0',
    '1.example',
    '[::]',
    '[::1]',
    '[2001:db8::1]:8123',
    `${'a'.repeat(63)}.example`,
    `${'a.'.repeat(127)}a`,
  ])('accepts %s, with and without schemes', (text) => {
    expect(parseAddress(text)).toEqual({ ok: true, value: text })
    expect(parseAddress(text, web)).toEqual({ ok: true, value: text })
  })

  it.each([
    'http://hub.local',
    'https://hub.local:8443',
    'https://hub.local/api/v1//@me',
    'http://192.168.1.5:8080/a:b@c',
    'http://[::1]:8080/a%20b',
  ])('accepts the URL %s only if its scheme is allowed', (text) => {
    expect(parseAddress(text, web)).toEqual({ ok: true, value: text })
    expect(parseAddress(text)).toEqual({ ok: false, code: 'address_scheme' })
    expect(parseAddress(text, { schemes: ['mqtt'] })).toEqual({ ok: false, code: 'address_scheme' })
  })

  it.each([
    ['hub.local.', 'hub.local'],
    ['Hub.Local:1883', 'hub.local:1883'],
    ['hub.local/', 'hub.local'],
    ['192.168.1.5:8123//', '192.168.1.5:8123'],
    ['192.168.1.5:0080', '192.168.1.5:80'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example:80', 'xn--bcher-kva.example:80'],
    ['::', '[::]'],
    ['::1', '[::1]'],
    ['::1/', '[::1]'],
    ['FE80:0:0::1', '[fe80::1]'],
    ['[2001:DB8::0001]:80', '[2001:db8::1]:80'],
    ['::ffff:192.168.1.5', '192.168.1.5'],
    ['[::FFFF:c0a8:105]:8123', '192.168.1.5:8123'],
    ['http://hub.local/', 'http://hub.local'],
    ['HTTP://Hub.local.:80', 'http://hub.local'],
    ['https://hub.local:443//', 'https://hub.local'],
    ['https://hub.local:80', 'https://hub.local:80'],
    ['https://hub.local/Api/', 'https://hub.local/Api'],
    ['https://hub.local/api/v1//x/../@me', 'https://hub.local/api/v1//@me'],
    ['https://bücher.example/straße', 'https://xn--bcher-kva.example/stra%C3%9Fe'],
    ['http://[0:0::1]/', 'http://[::1]'],
  ])('returns %s in the form %s', (text, value) => {
    expect(parseAddress(text, web)).toEqual({ ok: true, value })
    expect(parseAddress(value, web)).toEqual({ ok: true, value })
  })

  it('applies the same rules to the hosts of all schemes', () => {
    const mqtt = { schemes: ['MQTT', 'mqtts'] }
    for (const value of ['mqtt://broker', 'mqtt://broker:80', 'mqtts://[::1]:1883/x', 'mqtt://10.0.0.1']) {
      expect(parseAddress(value, mqtt)).toEqual({ ok: true, value })
    }
    expect(parseAddress('MQTT://Broker.:1883/', mqtt)).toEqual({ ok: true, value: 'mqtt://broker' })
    for (const value of [
      'mqtt://',
      'mqtt:///x',
      'mqtt://999.1.1.1',
      'mqtt://a b',
      'mqtt://0x7f.1',
      'mqtt:broker',
    ]) {
      expect(parseAddress(value, mqtt)).toEqual({ ok: false, code: 'invalid_address' })
    }
  })

  it.each([
    ['  hub.local\n', 'hub.local'],
    ['\t[::1]:80 ', '[::1]:80'],
    ['\u00a0\ufeffhttps://hub.local/api ', 'https://hub.local/api'],
  ])('trims %j', (text, value) => {
    expect(parseAddress(text, web)).toEqual({ ok: true, value })
  })

  it.each([
    'user@hub.local',
    '@hub.local',
    'user:secret@hub.local',
    'user:123@hub.local',
    'user:secret@192.168.1.5:80',
    'http://user@hub.local',
    'https://user:secret@hub.local/path',
    'https://:secret@hub.local',
    'https://@hub.local',
    'https://good.example@evil.example',
    'https://a@b@hub.local',
  ])('rejects the credentials in %s', (text) => {
    expect(parseAddress(text, web)).toEqual({ ok: false, code: 'address_has_credentials' })
  })

  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(document.cookie)',
    'javascript://hub.local/%0aalert(1)',
    'file:///etc/passwd',
    'file:/etc/passwd',
    'file:80',
    'data:text/html,hello',
    'data:text/html,a@b',
    'blob:https://hub.local/1',
    'ftp://hub.local',
    'ws://hub.local',
    'ftp:80',
    'hub:port',
  ])('rejects the scheme of %s', (text) => {
    expect(parseAddress(text)).toEqual({ ok: false, code: 'address_scheme' })
    expect(parseAddress(text, web)).toEqual({ ok: false, code: 'address_scheme' })
  })

  it.each([
    ['nothing', ''],
    ['only space', ' \t\n\u3000'],
    ['a space inside', 'hub local'],
    ['a space in a path', 'https://hub.local/a b'],
    ['a no-break space', 'hub\u00a0local'],
    ['a tab that URL parsers drop', 'hub\t.local'],
    ['a newline that URL parsers drop', 'https://hub\n.local'],
    ['a NUL', 'hub\0.local'],
    ['an escape character', '\u001b[31mhub'],
    ['a right-to-left override', 'hub\u202elacol'],
    ['a right-to-left mark at the end', 'hub.local\u200f'],
    ['an isolate', 'https://hub.local/\u2066x'],
    ['a zero-width space', 'hub\u200b.local'],
    ['a soft hyphen', 'hu\u00adb'],
    ['half a surrogate pair', 'hub\ud800'],
    ['a path without a scheme', 'hub.local/path'],
    ['a path after a port', 'hub.local:80/path'],
    ['a path after an IPv6 address', '::1/64'],
    ['no scheme before its slashes', '//hub.local'],
    ['nothing before ://', '://hub.local'],
    ['a query', 'https://hub.local/?a=b'],
    ['an empty query', 'https://hub.local?'],
    ['a fragment', 'https://hub.local/#a'],
    ['a fragment on a bare host', 'hub.local#a'],
    ['a query on a bare host', 'hub.local?a'],
    ['a backslash', 'hub\\local'],
    ['a backslash in a path', 'https://hub.local/a\\b'],
    ['backslashes for slashes', 'https:\\\\hub.local'],
    ['a backslash before an @', 'https://hub.local\\@evil.example'],
    ['a scheme without slashes', 'https:hub.local'],
    ['a scheme with one slash', 'https:/hub.local'],
    ['a scheme with a number instead of a host', 'http:80'],
    ['no host after the scheme', 'https://'],
    ['three slashes', 'https:///hub.local'],
    ['three slashes and a user', 'https:///user@hub.local'],
    ['only a port', ':80'],
    ['a colon without a port', 'hub.local:'],
    ['a colon without a port in a URL', 'https://hub.local:/'],
    ['port 0', 'hub.local:0'],
    ['a port too high', 'hub.local:65536'],
    ['an invalid port', 'hub.local:80a'],
    ['two ports', 'hub.local:80:80'],
    ['a negative port', 'hub.local:-1'],
    ['an IPv4 address out of range', '256.1.1.1'],
    ['five numbers', '1.2.3.4.5'],
    ['a decimal IPv4 address', '2130706433'],
    ['a hexadecimal IPv4 address', '0x7f000001'],
    ['an octal IPv4 address', '0177.0.0.1'],
    ['a short IPv4 address', '127.1'],
    ['a decimal IPv4 address in a URL', 'http://2130706433/'],
    ['an IPv4 address in full-width digits', '１２７.0.0.1'],
    ['percent-encoding', 'hub%2elocal'],
    ['percent-encoding in a URL', 'https://%31%32%37.0.0.1'],
    ['an IPv6 address with a zone', 'fe80::1%eth0'],
    ['an unclosed bracket', '[::1'],
    ['brackets around a name', '[hub.local]'],
    ['brackets around an IPv4 address', '[127.0.0.1]'],
    ['brackets twice', '[[::1]]'],
    ['text after a bracket', '[::1]x'],
    ['a bare IPv6 address in a URL', 'https://::1/'],
    ['too many groups', '1:2:3:4:5:6:7:8:9'],
    ['an empty label', 'hub..local'],
    ['a leading dot', '.local'],
    ['only a dot', '.'],
    ['a leading hyphen, which commands read as an option', '-oProxyCommand=x'],
    ['a leading hyphen', '-hub'],
    ['a trailing hyphen', 'hub-.local'],
    ['a quote', 'hub"local'],
    ['an ampersand', 'hub&local'],
    ['a semicolon', 'hub;reboot'],
    ['a dollar sign', '$hub'],
    ['a star', '*.local'],
    ['a label of 64 letters', 'a'.repeat(64)],
    ['a name of 256 letters', `${'a.'.repeat(127)}aa`],
  ])('rejects %s', (_what, text) => {
    expect(parseAddress(text, web)).toEqual({ ok: false, code: 'invalid_address' })
  })

  it('handles a very long text in linear time', () => {
    const before = process.cpuUsage()
    for (const text of ['a', '-', ':', '@', '/', '[', '.', '1.', 'a:'].map((part) =>
      part.repeat(1_000_000),
    )) {
      expect(parseAddress(text, web).ok).toBe(false)
    }
    const { user } = process.cpuUsage(before)
    expect(user / 1_000).toBeLessThan(2_000)
  })
})

describe('addressKey', () => {
  it.each([
    ['hub.local', 'HUB.local'],
    ['hub.local', 'hub.local.'],
    ['hub.local', 'http://hub.local'],
    ['http://hub.local', 'http://hub.local/'],
    ['hub.local', 'hub.local:80'],
    ['hub.local:80', 'HTTP://hub.local:80/'],
    ['https://hub.local', 'https://HUB.local:443'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['fe80::1', 'FE80:0:0::1'],
    ['fe80::1', '[fe80::1]'],
    ['[fe80::1]:80', 'http://[fe80:0::1]/'],
    ['192.168.1.5', '::ffff:192.168.1.5'],
    ['192.168.1.5:8123', 'http://[::ffff:c0a8:105]:8123'],
    ['https://hub.local/api', 'https://hub.local/x/../api/'],
  ])('is the same for %s and %s', (one, other) => {
    expect(addressKey(one, web)).toBe(addressKey(other, web))
  })

  it.each([
    ['hub.local', 'hub.local:8080'],
    ['hub.local', 'https://hub.local'],
    ['http://hub.local/a', 'http://hub.local/b'],
    ['http://hub.local/a', 'http://hub.local/A'],
    ['[fe80::1]:80', 'fe80::1:80'],
    ['hub.local', 'hub2.local'],
  ])('differs for %s and %s', (one, other) => {
    expect(addressKey(one, web)).not.toBe(addressKey(other, web))
  })

  it.each(['hub', '192.168.1.5:8123', '::1', '[::1]:8123', 'https://hub.local'])(
    'is the text that releases without a normal form have compared: %s',
    (text) => {
      expect(addressKey(text, web)).toBe(text)
    },
  )

  it('keeps a port if the scheme is unknown, and a text that is not an address', () => {
    expect(addressKey('hub.local:80')).toBe('hub.local:80')
    expect(addressKey('hub:1883', { schemes: ['MQTT'] })).toBe('hub')
    expect(addressKey('a b', web)).toBe('a b')
  })
})
