// Written by `npm run generate` from core/schema/event.ts: change that instead.
"use strict";
export const validate = validate10;
export default validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","additionalProperties":false,"required":["id","name","at"],"properties":{"id":{"type":"string","pattern":"^[A-Za-z0-9._:-]{1,128}$"},"name":{"type":"string","pattern":"^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"},"at":{"type":"string","pattern":"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"},"tid":{"type":"string","minLength":1,"maxLength":128},"user":{"type":"object","additionalProperties":false,"required":[],"properties":{"id":{"type":"string","minLength":1,"maxLength":256},"email":{"type":"string","maxLength":254,"pattern":"^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"},"phone":{"type":"string","pattern":"^\\+[1-9]\\d{6,14}$"},"emailHash":{"type":"string","pattern":"^[0-9a-f]{64}$"},"phoneHash":{"type":"string","pattern":"^[0-9a-f]{64}$"},"firstName":{"type":"string","minLength":1,"maxLength":1024},"lastName":{"type":"string","minLength":1,"maxLength":1024},"company":{"type":"string","minLength":1,"maxLength":1024},"city":{"type":"string","minLength":1,"maxLength":1024},"state":{"type":"string","minLength":1,"maxLength":1024},"country":{"type":"string","minLength":1,"maxLength":1024}}},"page":{"type":"object","additionalProperties":false,"required":[],"properties":{"url":{"type":"string","minLength":1,"maxLength":4096},"referrer":{"type":"string","minLength":1,"maxLength":4096},"title":{"type":"string","minLength":1,"maxLength":1024}}},"campaign":{"type":"object","additionalProperties":false,"required":[],"properties":{"source":{"type":"string","minLength":1,"maxLength":1024},"medium":{"type":"string","minLength":1,"maxLength":1024},"name":{"type":"string","minLength":1,"maxLength":1024},"term":{"type":"string","minLength":1,"maxLength":1024},"content":{"type":"string","minLength":1,"maxLength":1024},"gclid":{"type":"string","minLength":1,"maxLength":1024},"fbclid":{"type":"string","minLength":1,"maxLength":1024}}},"commerce":{"type":"object","additionalProperties":false,"required":[],"properties":{"transactionId":{"type":"string","minLength":1,"maxLength":256},"currency":{"type":"string","pattern":"^[A-Z]{3}$"},"value":{"type":"number"},"tax":{"type":"number"},"shipping":{"type":"number"},"coupon":{"type":"string","minLength":1,"maxLength":1024},"items":{"type":"array","maxItems":200,"items":{"type":"object","additionalProperties":false,"required":[],"properties":{"id":{"type":"string","minLength":1,"maxLength":1024},"name":{"type":"string","minLength":1,"maxLength":1024},"brand":{"type":"string","minLength":1,"maxLength":1024},"category":{"type":"string","minLength":1,"maxLength":1024},"variant":{"type":"string","minLength":1,"maxLength":1024},"price":{"type":"number"},"quantity":{"type":"number"},"url":{"type":"string","minLength":1,"maxLength":4096},"image":{"type":"string","minLength":1,"maxLength":4096}}}}}},"consent":{"type":"object","additionalProperties":false,"required":[],"properties":{"analytics":{"type":"boolean"},"marketing":{"type":"boolean"},"userData":{"type":"boolean"}}},"properties":{"type":"object"}}};
const func2 = Object.prototype.hasOwnProperty;
const pattern0 = new RegExp("^[A-Za-z0-9._:-]{1,128}$", "u");
const pattern1 = new RegExp("^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$", "u");
const pattern2 = new RegExp("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$", "u");
const pattern3 = new RegExp("^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$", "u");
const pattern4 = new RegExp("^\\+[1-9]\\d{6,14}$", "u");
const pattern5 = new RegExp("^[0-9a-f]{64}$", "u");
const pattern7 = new RegExp("^[A-Z]{3}$", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.id === undefined) && (missing0 = "id")) || ((data.name === undefined) && (missing0 = "name"))) || ((data.at === undefined) && (missing0 = "at"))){
validate10.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
validate10.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.id !== undefined){
let data0 = data.id;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate10.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9._:-]{1,128}$"},message:"must match pattern \""+"^[A-Za-z0-9._:-]{1,128}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.name !== undefined){
let data1 = data.name;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern1.test(data1)){
validate10.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/pattern",keyword:"pattern",params:{pattern: "^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"},message:"must match pattern \""+"^\\p{L}[\\p{L}\\p{N}_.:-]{0,99}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.at !== undefined){
let data2 = data.at;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern2.test(data2)){
validate10.errors = [{instancePath:instancePath+"/at",schemaPath:"#/properties/at/pattern",keyword:"pattern",params:{pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"},message:"must match pattern \""+"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/at",schemaPath:"#/properties/at/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.tid !== undefined){
let data3 = data.tid;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(data3.length > 128){
validate10.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/maxLength",keyword:"maxLength",params:{limit: 128},message:"must NOT have more than 128 characters"}];
return false;
}
else {
if(data3.length < 1){
validate10.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/tid",schemaPath:"#/properties/tid/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.user !== undefined){
let data4 = data.user;
const _errs10 = errors;
if(errors === _errs10){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
const _errs12 = errors;
for(const key1 in data4){
if(!(func2.call(schema11.properties.user.properties, key1))){
validate10.errors = [{instancePath:instancePath+"/user",schemaPath:"#/properties/user/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs12 === errors){
if(data4.id !== undefined){
let data5 = data4.id;
const _errs13 = errors;
if(errors === _errs13){
if(typeof data5 === "string"){
if(data5.length > 256){
validate10.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/maxLength",keyword:"maxLength",params:{limit: 256},message:"must NOT have more than 256 characters"}];
return false;
}
else {
if(data5.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/id",schemaPath:"#/properties/user/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs13 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.email !== undefined){
let data6 = data4.email;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(data6.length > 254){
validate10.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/maxLength",keyword:"maxLength",params:{limit: 254},message:"must NOT have more than 254 characters"}];
return false;
}
else {
if(!pattern3.test(data6)){
validate10.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/pattern",keyword:"pattern",params:{pattern: "^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"},message:"must match pattern \""+"^[^\\s@<>()\",;:\\\\]+@[^\\s@.<>()\",;:\\\\]+(\\.[^\\s@.<>()\",;:\\\\]+)+$"+"\""}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/email",schemaPath:"#/properties/user/properties/email/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.phone !== undefined){
let data7 = data4.phone;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(!pattern4.test(data7)){
validate10.errors = [{instancePath:instancePath+"/user/phone",schemaPath:"#/properties/user/properties/phone/pattern",keyword:"pattern",params:{pattern: "^\\+[1-9]\\d{6,14}$"},message:"must match pattern \""+"^\\+[1-9]\\d{6,14}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/phone",schemaPath:"#/properties/user/properties/phone/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.emailHash !== undefined){
let data8 = data4.emailHash;
const _errs19 = errors;
if(errors === _errs19){
if(typeof data8 === "string"){
if(!pattern5.test(data8)){
validate10.errors = [{instancePath:instancePath+"/user/emailHash",schemaPath:"#/properties/user/properties/emailHash/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/emailHash",schemaPath:"#/properties/user/properties/emailHash/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.phoneHash !== undefined){
let data9 = data4.phoneHash;
const _errs21 = errors;
if(errors === _errs21){
if(typeof data9 === "string"){
if(!pattern5.test(data9)){
validate10.errors = [{instancePath:instancePath+"/user/phoneHash",schemaPath:"#/properties/user/properties/phoneHash/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/phoneHash",schemaPath:"#/properties/user/properties/phoneHash/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs21 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.firstName !== undefined){
let data10 = data4.firstName;
const _errs23 = errors;
if(errors === _errs23){
if(typeof data10 === "string"){
if(data10.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/firstName",schemaPath:"#/properties/user/properties/firstName/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data10.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/firstName",schemaPath:"#/properties/user/properties/firstName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/firstName",schemaPath:"#/properties/user/properties/firstName/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs23 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.lastName !== undefined){
let data11 = data4.lastName;
const _errs25 = errors;
if(errors === _errs25){
if(typeof data11 === "string"){
if(data11.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/lastName",schemaPath:"#/properties/user/properties/lastName/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data11.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/lastName",schemaPath:"#/properties/user/properties/lastName/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/lastName",schemaPath:"#/properties/user/properties/lastName/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs25 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.company !== undefined){
let data12 = data4.company;
const _errs27 = errors;
if(errors === _errs27){
if(typeof data12 === "string"){
if(data12.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/company",schemaPath:"#/properties/user/properties/company/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data12.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/company",schemaPath:"#/properties/user/properties/company/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/company",schemaPath:"#/properties/user/properties/company/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs27 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.city !== undefined){
let data13 = data4.city;
const _errs29 = errors;
if(errors === _errs29){
if(typeof data13 === "string"){
if(data13.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/city",schemaPath:"#/properties/user/properties/city/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data13.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/city",schemaPath:"#/properties/user/properties/city/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/city",schemaPath:"#/properties/user/properties/city/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs29 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.state !== undefined){
let data14 = data4.state;
const _errs31 = errors;
if(errors === _errs31){
if(typeof data14 === "string"){
if(data14.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/state",schemaPath:"#/properties/user/properties/state/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data14.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/state",schemaPath:"#/properties/user/properties/state/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/state",schemaPath:"#/properties/user/properties/state/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs31 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data4.country !== undefined){
let data15 = data4.country;
const _errs33 = errors;
if(errors === _errs33){
if(typeof data15 === "string"){
if(data15.length > 1024){
validate10.errors = [{instancePath:instancePath+"/user/country",schemaPath:"#/properties/user/properties/country/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data15.length < 1){
validate10.errors = [{instancePath:instancePath+"/user/country",schemaPath:"#/properties/user/properties/country/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user/country",schemaPath:"#/properties/user/properties/country/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs33 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/user",schemaPath:"#/properties/user/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.page !== undefined){
let data16 = data.page;
const _errs35 = errors;
if(errors === _errs35){
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
const _errs37 = errors;
for(const key2 in data16){
if(!(((key2 === "url") || (key2 === "referrer")) || (key2 === "title"))){
validate10.errors = [{instancePath:instancePath+"/page",schemaPath:"#/properties/page/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs37 === errors){
if(data16.url !== undefined){
let data17 = data16.url;
const _errs38 = errors;
if(errors === _errs38){
if(typeof data17 === "string"){
if(data17.length > 4096){
validate10.errors = [{instancePath:instancePath+"/page/url",schemaPath:"#/properties/page/properties/url/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
else {
if(data17.length < 1){
validate10.errors = [{instancePath:instancePath+"/page/url",schemaPath:"#/properties/page/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/page/url",schemaPath:"#/properties/page/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs38 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data16.referrer !== undefined){
let data18 = data16.referrer;
const _errs40 = errors;
if(errors === _errs40){
if(typeof data18 === "string"){
if(data18.length > 4096){
validate10.errors = [{instancePath:instancePath+"/page/referrer",schemaPath:"#/properties/page/properties/referrer/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
else {
if(data18.length < 1){
validate10.errors = [{instancePath:instancePath+"/page/referrer",schemaPath:"#/properties/page/properties/referrer/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/page/referrer",schemaPath:"#/properties/page/properties/referrer/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs40 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data16.title !== undefined){
let data19 = data16.title;
const _errs42 = errors;
if(errors === _errs42){
if(typeof data19 === "string"){
if(data19.length > 1024){
validate10.errors = [{instancePath:instancePath+"/page/title",schemaPath:"#/properties/page/properties/title/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data19.length < 1){
validate10.errors = [{instancePath:instancePath+"/page/title",schemaPath:"#/properties/page/properties/title/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/page/title",schemaPath:"#/properties/page/properties/title/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid2 = _errs42 === errors;
}
else {
var valid2 = true;
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/page",schemaPath:"#/properties/page/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs35 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.campaign !== undefined){
let data20 = data.campaign;
const _errs44 = errors;
if(errors === _errs44){
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
const _errs46 = errors;
for(const key3 in data20){
if(!(((((((key3 === "source") || (key3 === "medium")) || (key3 === "name")) || (key3 === "term")) || (key3 === "content")) || (key3 === "gclid")) || (key3 === "fbclid"))){
validate10.errors = [{instancePath:instancePath+"/campaign",schemaPath:"#/properties/campaign/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs46 === errors){
if(data20.source !== undefined){
let data21 = data20.source;
const _errs47 = errors;
if(errors === _errs47){
if(typeof data21 === "string"){
if(data21.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/source",schemaPath:"#/properties/campaign/properties/source/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data21.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/source",schemaPath:"#/properties/campaign/properties/source/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/source",schemaPath:"#/properties/campaign/properties/source/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs47 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.medium !== undefined){
let data22 = data20.medium;
const _errs49 = errors;
if(errors === _errs49){
if(typeof data22 === "string"){
if(data22.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/medium",schemaPath:"#/properties/campaign/properties/medium/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data22.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/medium",schemaPath:"#/properties/campaign/properties/medium/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/medium",schemaPath:"#/properties/campaign/properties/medium/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs49 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.name !== undefined){
let data23 = data20.name;
const _errs51 = errors;
if(errors === _errs51){
if(typeof data23 === "string"){
if(data23.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/name",schemaPath:"#/properties/campaign/properties/name/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data23.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/name",schemaPath:"#/properties/campaign/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/name",schemaPath:"#/properties/campaign/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs51 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.term !== undefined){
let data24 = data20.term;
const _errs53 = errors;
if(errors === _errs53){
if(typeof data24 === "string"){
if(data24.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/term",schemaPath:"#/properties/campaign/properties/term/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data24.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/term",schemaPath:"#/properties/campaign/properties/term/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/term",schemaPath:"#/properties/campaign/properties/term/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs53 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.content !== undefined){
let data25 = data20.content;
const _errs55 = errors;
if(errors === _errs55){
if(typeof data25 === "string"){
if(data25.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/content",schemaPath:"#/properties/campaign/properties/content/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data25.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/content",schemaPath:"#/properties/campaign/properties/content/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/content",schemaPath:"#/properties/campaign/properties/content/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs55 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.gclid !== undefined){
let data26 = data20.gclid;
const _errs57 = errors;
if(errors === _errs57){
if(typeof data26 === "string"){
if(data26.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/gclid",schemaPath:"#/properties/campaign/properties/gclid/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data26.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/gclid",schemaPath:"#/properties/campaign/properties/gclid/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/gclid",schemaPath:"#/properties/campaign/properties/gclid/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs57 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data20.fbclid !== undefined){
let data27 = data20.fbclid;
const _errs59 = errors;
if(errors === _errs59){
if(typeof data27 === "string"){
if(data27.length > 1024){
validate10.errors = [{instancePath:instancePath+"/campaign/fbclid",schemaPath:"#/properties/campaign/properties/fbclid/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data27.length < 1){
validate10.errors = [{instancePath:instancePath+"/campaign/fbclid",schemaPath:"#/properties/campaign/properties/fbclid/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign/fbclid",schemaPath:"#/properties/campaign/properties/fbclid/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs59 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/campaign",schemaPath:"#/properties/campaign/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs44 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.commerce !== undefined){
let data28 = data.commerce;
const _errs61 = errors;
if(errors === _errs61){
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
const _errs63 = errors;
for(const key4 in data28){
if(!(((((((key4 === "transactionId") || (key4 === "currency")) || (key4 === "value")) || (key4 === "tax")) || (key4 === "shipping")) || (key4 === "coupon")) || (key4 === "items"))){
validate10.errors = [{instancePath:instancePath+"/commerce",schemaPath:"#/properties/commerce/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs63 === errors){
if(data28.transactionId !== undefined){
let data29 = data28.transactionId;
const _errs64 = errors;
if(errors === _errs64){
if(typeof data29 === "string"){
if(data29.length > 256){
validate10.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/maxLength",keyword:"maxLength",params:{limit: 256},message:"must NOT have more than 256 characters"}];
return false;
}
else {
if(data29.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/transactionId",schemaPath:"#/properties/commerce/properties/transactionId/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs64 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.currency !== undefined){
let data30 = data28.currency;
const _errs66 = errors;
if(errors === _errs66){
if(typeof data30 === "string"){
if(!pattern7.test(data30)){
validate10.errors = [{instancePath:instancePath+"/commerce/currency",schemaPath:"#/properties/commerce/properties/currency/pattern",keyword:"pattern",params:{pattern: "^[A-Z]{3}$"},message:"must match pattern \""+"^[A-Z]{3}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/currency",schemaPath:"#/properties/commerce/properties/currency/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs66 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.value !== undefined){
let data31 = data28.value;
const _errs68 = errors;
if(!((typeof data31 == "number") && (isFinite(data31)))){
validate10.errors = [{instancePath:instancePath+"/commerce/value",schemaPath:"#/properties/commerce/properties/value/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid4 = _errs68 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.tax !== undefined){
let data32 = data28.tax;
const _errs70 = errors;
if(!((typeof data32 == "number") && (isFinite(data32)))){
validate10.errors = [{instancePath:instancePath+"/commerce/tax",schemaPath:"#/properties/commerce/properties/tax/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid4 = _errs70 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.shipping !== undefined){
let data33 = data28.shipping;
const _errs72 = errors;
if(!((typeof data33 == "number") && (isFinite(data33)))){
validate10.errors = [{instancePath:instancePath+"/commerce/shipping",schemaPath:"#/properties/commerce/properties/shipping/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid4 = _errs72 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.coupon !== undefined){
let data34 = data28.coupon;
const _errs74 = errors;
if(errors === _errs74){
if(typeof data34 === "string"){
if(data34.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/coupon",schemaPath:"#/properties/commerce/properties/coupon/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data34.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/coupon",schemaPath:"#/properties/commerce/properties/coupon/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/coupon",schemaPath:"#/properties/commerce/properties/coupon/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs74 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data28.items !== undefined){
let data35 = data28.items;
const _errs76 = errors;
if(errors === _errs76){
if(Array.isArray(data35)){
if(data35.length > 200){
validate10.errors = [{instancePath:instancePath+"/commerce/items",schemaPath:"#/properties/commerce/properties/items/maxItems",keyword:"maxItems",params:{limit: 200},message:"must NOT have more than 200 items"}];
return false;
}
else {
var valid5 = true;
const len0 = data35.length;
for(let i0=0; i0<len0; i0++){
let data36 = data35[i0];
const _errs78 = errors;
if(errors === _errs78){
if(data36 && typeof data36 == "object" && !Array.isArray(data36)){
const _errs80 = errors;
for(const key5 in data36){
if(!(func2.call(schema11.properties.commerce.properties.items.items.properties, key5))){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0,schemaPath:"#/properties/commerce/properties/items/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs80 === errors){
if(data36.id !== undefined){
let data37 = data36.id;
const _errs81 = errors;
if(errors === _errs81){
if(typeof data37 === "string"){
if(data37.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/id",schemaPath:"#/properties/commerce/properties/items/items/properties/id/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data37.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/id",schemaPath:"#/properties/commerce/properties/items/items/properties/id/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/id",schemaPath:"#/properties/commerce/properties/items/items/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs81 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.name !== undefined){
let data38 = data36.name;
const _errs83 = errors;
if(errors === _errs83){
if(typeof data38 === "string"){
if(data38.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/name",schemaPath:"#/properties/commerce/properties/items/items/properties/name/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data38.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/name",schemaPath:"#/properties/commerce/properties/items/items/properties/name/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/name",schemaPath:"#/properties/commerce/properties/items/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs83 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.brand !== undefined){
let data39 = data36.brand;
const _errs85 = errors;
if(errors === _errs85){
if(typeof data39 === "string"){
if(data39.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/brand",schemaPath:"#/properties/commerce/properties/items/items/properties/brand/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data39.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/brand",schemaPath:"#/properties/commerce/properties/items/items/properties/brand/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/brand",schemaPath:"#/properties/commerce/properties/items/items/properties/brand/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs85 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.category !== undefined){
let data40 = data36.category;
const _errs87 = errors;
if(errors === _errs87){
if(typeof data40 === "string"){
if(data40.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/category",schemaPath:"#/properties/commerce/properties/items/items/properties/category/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data40.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/category",schemaPath:"#/properties/commerce/properties/items/items/properties/category/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/category",schemaPath:"#/properties/commerce/properties/items/items/properties/category/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs87 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.variant !== undefined){
let data41 = data36.variant;
const _errs89 = errors;
if(errors === _errs89){
if(typeof data41 === "string"){
if(data41.length > 1024){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/variant",schemaPath:"#/properties/commerce/properties/items/items/properties/variant/maxLength",keyword:"maxLength",params:{limit: 1024},message:"must NOT have more than 1024 characters"}];
return false;
}
else {
if(data41.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/variant",schemaPath:"#/properties/commerce/properties/items/items/properties/variant/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/variant",schemaPath:"#/properties/commerce/properties/items/items/properties/variant/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs89 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.price !== undefined){
let data42 = data36.price;
const _errs91 = errors;
if(!((typeof data42 == "number") && (isFinite(data42)))){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/price",schemaPath:"#/properties/commerce/properties/items/items/properties/price/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid6 = _errs91 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.quantity !== undefined){
let data43 = data36.quantity;
const _errs93 = errors;
if(!((typeof data43 == "number") && (isFinite(data43)))){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/quantity",schemaPath:"#/properties/commerce/properties/items/items/properties/quantity/type",keyword:"type",params:{type: "number"},message:"must be number"}];
return false;
}
var valid6 = _errs93 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.url !== undefined){
let data44 = data36.url;
const _errs95 = errors;
if(errors === _errs95){
if(typeof data44 === "string"){
if(data44.length > 4096){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/url",schemaPath:"#/properties/commerce/properties/items/items/properties/url/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
else {
if(data44.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/url",schemaPath:"#/properties/commerce/properties/items/items/properties/url/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/url",schemaPath:"#/properties/commerce/properties/items/items/properties/url/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs95 === errors;
}
else {
var valid6 = true;
}
if(valid6){
if(data36.image !== undefined){
let data45 = data36.image;
const _errs97 = errors;
if(errors === _errs97){
if(typeof data45 === "string"){
if(data45.length > 4096){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/image",schemaPath:"#/properties/commerce/properties/items/items/properties/image/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters"}];
return false;
}
else {
if(data45.length < 1){
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/image",schemaPath:"#/properties/commerce/properties/items/items/properties/image/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0+"/image",schemaPath:"#/properties/commerce/properties/items/items/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid6 = _errs97 === errors;
}
else {
var valid6 = true;
}
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items/" + i0,schemaPath:"#/properties/commerce/properties/items/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid5 = _errs78 === errors;
if(!valid5){
break;
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce/items",schemaPath:"#/properties/commerce/properties/items/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid4 = _errs76 === errors;
}
else {
var valid4 = true;
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commerce",schemaPath:"#/properties/commerce/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs61 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.consent !== undefined){
let data46 = data.consent;
const _errs99 = errors;
if(errors === _errs99){
if(data46 && typeof data46 == "object" && !Array.isArray(data46)){
const _errs101 = errors;
for(const key6 in data46){
if(!(((key6 === "analytics") || (key6 === "marketing")) || (key6 === "userData"))){
validate10.errors = [{instancePath:instancePath+"/consent",schemaPath:"#/properties/consent/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs101 === errors){
if(data46.analytics !== undefined){
const _errs102 = errors;
if(typeof data46.analytics !== "boolean"){
validate10.errors = [{instancePath:instancePath+"/consent/analytics",schemaPath:"#/properties/consent/properties/analytics/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs102 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data46.marketing !== undefined){
const _errs104 = errors;
if(typeof data46.marketing !== "boolean"){
validate10.errors = [{instancePath:instancePath+"/consent/marketing",schemaPath:"#/properties/consent/properties/marketing/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs104 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data46.userData !== undefined){
const _errs106 = errors;
if(typeof data46.userData !== "boolean"){
validate10.errors = [{instancePath:instancePath+"/consent/userData",schemaPath:"#/properties/consent/properties/userData/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"}];
return false;
}
var valid7 = _errs106 === errors;
}
else {
var valid7 = true;
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/consent",schemaPath:"#/properties/consent/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs99 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.properties !== undefined){
let data50 = data.properties;
const _errs108 = errors;
if(!(data50 && typeof data50 == "object" && !Array.isArray(data50))){
validate10.errors = [{instancePath:instancePath+"/properties",schemaPath:"#/properties/properties/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
var valid0 = _errs108 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}
