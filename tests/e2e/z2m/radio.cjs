// SPDX-License-Identifier: Apache-2.0
/*
 * radio - zigbee2mqtt as it is published, on a radio that does not exist.
 *
 *     node radio.cjs FOLDER PORT USER PASSWORD
 *
 * Only the lowest layer is ours: what zigbee2mqtt sends leaves it as bytes, is read again as
 * a device would read it, told as one JSON line on stdout, and answered by eight devices that
 * remember what they were told and report it back. Standard input takes one JSON line each:
 *
 *     {"report": "window_contact", "cluster": "genOnOff", "attributes": {"onOff": 1}}
 *     {"unplug": true}
 *
 * and its end ends the program. The broker is the one on this machine; nothing else is
 * connected to. What a device cannot do here is refused as devices do it, never passed over.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const [folder, port, user, password] = process.argv.slice(2);
process.env.ZIGBEE2MQTT_DATA = folder;

const { Adapter } = require('zigbee-herdsman/dist/adapter/adapter');
const { Device } = require('zigbee-herdsman/dist/controller/model');
const Zcl = require('zigbee-herdsman/dist/zspec/zcl');

const COORDINATOR = '0x00124b0011223344';
const FIRST_ADDRESS = 0x1001;
const HOME_AUTOMATION = 260;
const PAN = 0x2a17;

/* --- the devices ------------------------------------------------------------------------ */

const lamp = { onOff: 0 };
const level = { currentLevel: 254 };

// What the makers' firmware says of itself, and what it knows before anybody asked.
const DEVICES = [
	{ name: 'living_room_lamp', model: 'TRADFRI bulb E27 WS opal 980lm',
	  maker: 'IKEA of Sweden', code: 4476, mains: true,
	  state: { genOnOff: lamp, genLevelCtrl: level,
		   lightingColorCtrl: { colorTemperature: 370, colorMode: 2 } } },
	{ name: 'bedroom_lamp', model: 'LCA001', maker: 'Signify Netherlands B.V.', code: 4107,
	  mains: true, endpoint: 11,
	  state: { genOnOff: lamp, genLevelCtrl: level,
		   lightingColorCtrl: { currentX: 20000, currentY: 21000, colorMode: 1,
					colorTemperature: 366, colorCapabilities: 31 } } },
	{ name: 'coffee_plug', model: 'TRADFRI control outlet', maker: 'IKEA of Sweden',
	  code: 4476, mains: true, state: { genOnOff: lamp } },
	{ name: 'kitchen_radiator', model: 'eTRV0100', maker: 'Danfoss', code: 4678,
	  state: { hvacThermostat: { localTemp: 1850, occupiedHeatingSetpoint: 1800,
				     systemMode: 4 } } },
	{ name: 'office_blind', model: 'KADRILJ roller blind', maker: 'IKEA of Sweden',
	  code: 4476,
	  state: { closuresWindowCovering: { currentPositionLiftPercentage: 0 } } },
	{ name: 'front_door', model: 'YRD226 TSDB', maker: 'Yale', code: 4125,
	  state: { closuresDoorLock: { lockState: 2 } } },
	{ name: 'balcony_climate', model: 'lumi.weather', maker: 'LUMI', code: 4151,
	  state: { msTemperatureMeasurement: { measuredValue: 1925 },
		   msRelativeHumidity: { measuredValue: 5540 } } },
	{ name: 'window_contact', model: 'lumi.sensor_magnet.aq2', maker: 'LUMI', code: 4151,
	  state: { genOnOff: { onOff: 0 } } },
].map((about, i) => ({
	endpoint: 1,
	...about,
	state: structuredClone(about.state),
	ieee: '0x00158d00beef' + (0x1000 + i).toString(16),
	network: FIRST_ADDRESS + i,
}));

// What a command does to the attributes: cluster.command, and what changes.
const EFFECTS = {
	'genOnOff.on': () => ({ genOnOff: { onOff: 1 } }),
	'genOnOff.off': () => ({ genOnOff: { onOff: 0 } }),
	'genLevelCtrl.moveToLevel': (p) => ({ genLevelCtrl: { currentLevel: p.level } }),
	'genLevelCtrl.moveToLevelWithOnOff': (p) => ({
		genLevelCtrl: { currentLevel: p.level },
		genOnOff: { onOff: p.level > 0 ? 1 : 0 },
	}),
	'lightingColorCtrl.moveToColor': (p) => ({
		lightingColorCtrl: { currentX: p.colorx, currentY: p.colory, colorMode: 1 },
	}),
	'lightingColorCtrl.moveToColorTemp': (p) => ({
		lightingColorCtrl: { colorTemperature: p.colortemp, colorMode: 2 },
	}),
	'closuresWindowCovering.upOpen': () => lifted(0),
	'closuresWindowCovering.downClose': () => lifted(100),
	'closuresWindowCovering.stop': () => ({}),
	'closuresWindowCovering.goToLiftPercentage': (p) => lifted(p.percentageliftvalue),
	'closuresDoorLock.lockDoor': () => ({ closuresDoorLock: { lockState: 1 } }),
	'closuresDoorLock.unlockDoor': () => ({ closuresDoorLock: { lockState: 2 } }),
	'hvacThermostat.danfossSetpointCommand': (p) => ({
		hvacThermostat: { occupiedHeatingSetpoint: p.setpoint },
	}),
};

function lifted(percent) {
	return { closuresWindowCovering: { currentPositionLiftPercentage: percent } };
}

/* --- the radio -------------------------------------------------------------------------- */

function tell(event, about) {
	process.stdout.write(JSON.stringify({ event, ...about }) + '\n');
}

function customClusters(device) {
	return Device.byIeeeAddr(device.ieee)?.customClusters ?? {};
}

// What a device says, as the bytes that come out of the air.
function said(device, cluster, tsn, type, command, payload) {
	const frame = Zcl.Frame.create(type, Zcl.Direction.SERVER_TO_CLIENT, true, undefined,
		tsn, command, cluster, payload, customClusters(device));
	const data = frame.toBuffer();

	return {
		clusterID: frame.cluster.ID,
		address: device.network,
		header: Zcl.Header.fromBuffer(data),
		data,
		endpoint: device.endpoint,
		linkquality: 120,
		groupID: 0,
		wasBroadcast: false,
		destinationEndpoint: 1,
	};
}

class Radio extends Adapter {
	constructor(...options) {
		super(...options);
		this.manufacturerID = Zcl.ManufacturerCode.RESERVED_1;
		this.sequence = 0;
	}

	async start() { return 'resumed'; }
	async stop() {}
	async reset() {}
	async getCoordinatorIEEE() { return COORDINATOR; }
	async getCoordinatorVersion() { return { type: 'none', meta: { revision: 1 } }; }
	async supportsBackup() { return false; }
	async backup() { throw new Error('no backup'); }
	async addInstallCode() { throw new Error('no install codes'); }
	async setChannelInterPAN() {}
	async restoreChannelInterPAN() {}
	async sendZclFrameInterPANToIeeeAddr() {}
	async sendZclFrameInterPANBroadcast() { throw new Error('nobody near'); }
	async sendZclFrameToGroup(group) { tell('group', { group }); }
	async sendZclFrameToAll() { tell('broadcast', {}); }
	async sendZdo() { return [0, undefined]; }

	async getNetworkParameters() {
		return { panID: PAN, extendedPanID: '0x1122334455667788', channel: 15,
			 nwkUpdateID: 0 };
	}

	async permitJoin(seconds) { tell('permit_join', { seconds }); }

	waitFor() {
		return { promise: new Promise(() => {}), cancel() {} };
	}

	async sendZclFrameToEndpoint(ieee, network, endpoint, sent, timeout, silent) {
		const device = DEVICES.find((each) => each.ieee === ieee);

		if (!device)
			throw new Error('nobody answers at ' + ieee);
		const bytes = sent.toBuffer();
		const header = Zcl.Header.fromBuffer(bytes);
		const frame = Zcl.Frame.fromBuffer(sent.cluster.ID, header, bytes,
			customClusters(device));
		const answer = this.answer(device, frame);

		return silent ? undefined : answer;
	}

	answer(device, frame) {
		const tsn = frame.header.transactionSequenceNumber;
		const foundation = (command, payload) => said(device, frame.cluster.name, tsn,
			Zcl.FrameType.GLOBAL, command, payload);

		if (frame.header.isGlobal) {
			switch (frame.command.name) {
			case 'read':
				return foundation('readRsp', frame.payload.map(
					(wanted) => this.read(device, frame.cluster, wanted)));
			case 'write':
				this.tellCommand(device, frame);
				return foundation('writeRsp', frame.payload.map(
					(given) => this.write(device, frame.cluster, given)));
			case 'configReport':
				return foundation('configReportRsp', [{ status: 0 }]);
			default:
				return foundation('defaultRsp', { cmdId: frame.command.ID,
					statusCode: Zcl.Status.UNSUP_COMMAND });
			}
		}
		this.tellCommand(device, frame);
		const effect = EFFECTS[frame.cluster.name + '.' + frame.command.name];
		if (!effect)
			return foundation('defaultRsp', { cmdId: frame.command.ID,
				statusCode: Zcl.Status.UNSUP_COMMAND });
		this.change(device, effect(frame.payload));
		if (frame.command.response === undefined)
			return foundation('defaultRsp', { cmdId: frame.command.ID, statusCode: 0 });
		return said(device, frame.cluster.name, tsn, Zcl.FrameType.SPECIFIC,
			frame.command.response, { status: 0 });
	}

	tellCommand(device, frame) {
		tell('command', { device: device.name, cluster: frame.cluster.name,
			command: frame.command.name, payload: frame.payload });
	}

	read(device, cluster, wanted) {
		const attribute = attributeOf(cluster, wanted.attrId);
		const value = device.state[cluster.name]?.[attribute?.name];

		if (value === undefined)
			return { attrId: wanted.attrId, status: Zcl.Status.UNSUPPORTED_ATTRIBUTE };
		return { attrId: wanted.attrId, status: 0, dataType: attribute.type,
			 attrData: value };
	}

	write(device, cluster, given) {
		const attribute = attributeOf(cluster, given.attrId);

		if (device.state[cluster.name]?.[attribute?.name] === undefined)
			return { status: Zcl.Status.UNSUPPORTED_ATTRIBUTE, attrId: given.attrId };
		this.change(device, { [cluster.name]: { [attribute.name]: given.attrData } });
		return { status: 0 };
	}

	change(device, clusters) {
		for (const [cluster, attributes] of Object.entries(clusters)) {
			Object.assign(device.state[cluster], attributes);
			setImmediate(() => this.report(device, cluster, attributes));
		}
	}

	report(device, cluster, attributes) {
		const known = Zcl.Utils.getCluster(cluster, device.code, customClusters(device));
		const rows = Object.entries(attributes).map(([name, value]) => ({
			attrId: known.attributes[name].ID,
			dataType: known.attributes[name].type,
			attrData: value,
		}));

		this.sequence = (this.sequence + 1) % 256;
		this.emit('zclPayload', said(device, cluster, this.sequence,
			Zcl.FrameType.GLOBAL, 'report', rows));
	}

	reportAll() {
		for (const device of DEVICES)
			for (const [cluster, attributes] of Object.entries(device.state))
				this.report(device, cluster, attributes);
	}
}

function attributeOf(cluster, id) {
	return Object.values(cluster.attributes).find((attribute) => attribute.ID === id);
}

/* --- what zigbee2mqtt finds when it starts ---------------------------------------------- */

function endpointOf(device) {
	return {
		profId: HOME_AUTOMATION, epId: device.endpoint, devId: 257, outClusterList: [],
		inClusterList: [0, 3].concat(Object.keys(device.state).map(
			(cluster) => Zcl.Clusters[cluster].ID)),
		clusters: {}, binds: [], configuredReportings: [], meta: {},
	};
}

function known(id, about) {
	return JSON.stringify({
		id, interviewCompleted: true, interviewState: 'SUCCESSFUL',
		lastSeen: Date.now(), ...about,
	});
}

function writeDatabase() {
	const rows = [known(1, {
		type: 'Coordinator', ieeeAddr: COORDINATOR, nwkAddr: 0, manufId: 0, meta: {},
		epList: [1],
		endpoints: { 1: { profId: HOME_AUTOMATION, epId: 1, devId: 5, inClusterList: [],
				  outClusterList: [], clusters: {}, binds: [],
				  configuredReportings: [], meta: {} } },
	})];

	DEVICES.forEach((device, i) => rows.push(known(i + 2, {
		type: device.mains ? 'Router' : 'EndDevice', ieeeAddr: device.ieee,
		nwkAddr: device.network, manufId: device.code, manufName: device.maker,
		powerSource: device.mains ? 'Mains (single phase)' : 'Battery',
		modelId: device.model, epList: [device.endpoint],
		endpoints: { [device.endpoint]: endpointOf(device) },
		meta: { configured: 1 },
	})));
	fs.writeFileSync(path.join(folder, 'database.db'), rows.join('\n') + '\n');
}

// JSON is YAML.
function writeConfiguration() {
	const devices = Object.fromEntries(DEVICES.map(
		(device) => [device.ieee, { friendly_name: device.name }]));

	fs.writeFileSync(path.join(folder, 'configuration.yaml'), JSON.stringify({
		version: 5,
		homeassistant: { enabled: true },
		frontend: { enabled: false },
		mqtt: { server: 'mqtt://127.0.0.1:' + port, base_topic: 'zigbee2mqtt', user,
			password },
		serial: { port: '/dev/null', adapter: 'zstack' },
		advanced: {
			log_level: 'info', log_output: ['file'],
			log_directory: path.join(folder, 'log'), log_file: 'z2m.log',
			channel: 15, pan_id: PAN,
			ext_pan_id: [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88],
			network_key: Array.from({ length: 16 }, (_, i) => i + 1),
		},
		devices,
	}), { mode: 0o600 });
}

/* --- running ---------------------------------------------------------------------------- */

function take(radio, line) {
	const asked = JSON.parse(line);

	if (asked.unplug) {
		radio.emit('disconnected');
		return;
	}
	const device = DEVICES.find((each) => each.name === asked.report);
	radio.change(device, { [asked.cluster]: asked.attributes });
}

async function main() {
	let radio;

	fs.mkdirSync(folder, { recursive: true });
	if (!fs.existsSync(path.join(folder, 'database.db')))
		writeDatabase();
	writeConfiguration();
	Adapter.create = async (...options) => (radio = new Radio(...options));
	const { Controller } = require('zigbee2mqtt/dist/controller');
	const controller = new Controller(async () => {}, async (code) => {
		tell('over', { code });
		process.exit(code);
	});
	const end = () => controller.stop(false).catch(() => {}).finally(() => process.exit(0));

	process.on('SIGTERM', end);
	await controller.start();
	radio.reportAll();
	tell('ready', { devices: DEVICES.length, node: process.version });
	readline.createInterface({ input: process.stdin })
		.on('line', (line) => take(radio, line))
		.on('close', end);
}

main().catch((error) => {
	process.stderr.write('radio: ' + error.stack + '\n');
	process.exit(1);
});
