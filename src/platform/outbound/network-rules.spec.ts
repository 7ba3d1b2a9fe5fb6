import fc from 'fast-check';
import { NetworkRules, isNetworkRule } from './network-rules';

const allows = (entries: string, address: string, host = 'tool.example') =>
  new NetworkRules(entries.split(',')).allow(host, address);

describe('connections', () => {
  it.each([
    ['any', '127.0.0.1', true],
    ['any', '10.1.2.3', true],
    ['any', '::1', true],
    ['any', '::ffff:10.0.0.1', true],
    ['public', '93.184.216.34', true],
    ['public', '2606:2800:220:1::1', true],
    ['public', '127.0.0.1', false],
    ['public', '10.0.0.1', false],
    ['public', '192.168.0.1', false],
    ['public', '100.64.0.1', false],
    ['public', '::1', false],
    ['public', 'fd12::1', false],
    ['public', '::ffff:10.0.0.1', false],
    ['public', '64:ff9b::a00:1', false],
    ['public', '64:ff9b::5db8:d822', false],
    ['public', '64:ff9b:1::a00:1', false],
    ['public', '::ffff:0:10.0.0.1', false],
    ['public', '::10.0.0.1', false],
    ['public', '::5db8:d822', false],
    ['public', '2002:a00:1::', false],
    ['public', '2001:0:53aa:64c::1', false],
    ['public', 'fec0::1', false],
    ['public', '192.0.2.1', false],
    ['public', '198.18.0.1', false],
    ['public', '240.0.0.1', false],
    ['10.0.0.0/8', '10.200.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8,public', '11.0.0.1', true],
    ['192.168.1.5', '192.168.1.5', true],
    ['192.168.1.5', '192.168.1.6', false],
    ['fd00::/8', 'fd12::1', true],
    ['tool.example', '10.0.0.1', true],
    ['TOOL.example.', '10.0.0.1', true],
    ['other.example', '10.0.0.1', false],
  ])('with %s, to %s: %s', (entries, address, allowed) => {
    expect(allows(entries, address)).toBe(allowed);
  });

  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '::ffff:0:169.254.169.254',
    '::169.254.169.254',
    'fe80::1%eth0',
    '192.0.0.192',
    'fd20:ce::254',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    '255.255.255.255',
    'not an address',
  ])('are never made to %s', (address) => {
    for (const entries of ['any', 'public', 'tool.example', '169.254.0.0/16,fe80::/10,0.0.0.0/0,::/0'])
      expect(allows(entries, address)).toBe(false);
  });

  it('of no entry go nowhere', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        expect(new NetworkRules([]).allow('tool.example', address)).toBe(false);
      }),
    );
  });
});

it.each([
  ['any', true],
  ['n8n.local', true],
  ['node_red', true],
  ['10.0.0.0/8', true],
  ['fd00::/8', true],
  ['10.0.0.0/33', false],
  ['http://n8n.local', false],
  ['n8n.local:5678', false],
  ['', false],
  ['-x', false],
])('the entry %j is understood: %s', (text, known) => {
  expect(isNetworkRule(text)).toBe(known);
});
