// Another author's MQTT codec: reads requests, one JSON line each, and answers with one line each.
// {version, packet}: encode it, answer {hex}. {version, hex}: decode it, answer {packet}.
const codec = require('mqtt-packet')
const readline = require('node:readline')

const bytes = new Set(['payload', 'correlationData', 'authenticationData', 'password'])
const read = (key, value) => (bytes.has(key) && typeof value === 'string' ? Buffer.from(value, 'hex') : value)
const write = (key, value) =>
  value && value.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { version, packet, hex } = JSON.parse(line, read)
  const answer = {}
  try {
    if (packet) {
      answer.hex = codec.generate(packet, { protocolVersion: version }).toString('hex')
    } else {
      const parser = codec.parser({ protocolVersion: version })
      parser.on('packet', (found) => { answer.packet = found })
      parser.on('error', (error) => { answer.error = error.message })
      parser.parse(Buffer.from(hex, 'hex'))
    }
  } catch (error) {
    answer.error = error.message
  }
  process.stdout.write(JSON.stringify(answer, write) + '\n')
})
