/**
 * Packets that other programs have written, byte for byte. The lease is from dnsmasq 2.90 on Debian 12, between two
 * networks of Linux (test/workbook/peers/dhcp-inside.ts lays the cable); the echo from iputils 20221126 and from the kernel
 * that answered it, on the loopback, captured by tshark.
 */

export const OFFER = message(
  '02010600ec88ce7a0000800000000000c0a8071bc0a807010000000072f7f8dffe1100000000000000000000',
  '638253633501023604c0a80701330400000e103a04000007083b0400000c4e0104ffffff001c04c0a807ff0604c0a807010304c0a80701ff0000000000000000',
)

export const ACK = message(
  '02010600ec88ce7a0000800000000000c0a8071bc0a807010000000072f7f8dffe1100000000000000000000',
  '638253633501053604c0a80701330400000e103a04000007083b0400000c4e0104ffffff001c04c0a807ff0604c0a807010304c0a80701ff0000000000000000',
)

/** `ping -c 1 127.0.0.1`, behind its IP header. */
export const ECHO = Buffer.from(
  '0800405d153d0001d0380e6b00000000feed060000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637',
  'hex',
)

export const ECHO_REPLY = Buffer.from(
  '0000485d153d0001d0380e6b00000000feed060000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637',
  'hex',
)

// --- internal ---

/** The 192 bytes between are zeros: nobody is named there. */
function message(head: string, tail: string): Buffer {
  return Buffer.concat([Buffer.from(head, 'hex'), Buffer.alloc(192), Buffer.from(tail, 'hex')])
}
