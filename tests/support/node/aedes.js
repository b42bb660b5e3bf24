// The aedes MQTT broker on a loopback port, which is its argument; sessions live as long as the process.
const aedes = require('aedes')({ queueLimit: 100000, maxClientsIdLength: 200 })

require('node:net').createServer(aedes.handle).listen(Number(process.argv[2]), '127.0.0.1')
