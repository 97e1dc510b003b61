import { startKafka } from '../../infra/src/kafka.ts';
const k = await startKafka({dataDir:'/tmp/pk/data',jarsDir:'/work/main/.cache/kafka/4.3.1',logFile:'/tmp/pk/kafka.log',port:39092});
console.log(k.brokers[0]);
process.on('SIGTERM',async()=>{await k.stop();process.exit(0)});
setInterval(()=>{},1000);
