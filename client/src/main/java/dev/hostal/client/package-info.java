/// The client: [dev.hostal.client.Hostal] is every call of `/v1` as a method.
package dev.hostal.client;
