//! Which addresses a step, or a call of somebody, may reach: not those at which a cloud machine keeps its credentials,
//! whatever name leads there. Loopback and private networks are a team's own services.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Metadata services outside the link-local range: Alibaba's and Oracle's.
const METADATA: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// Whether a step must not reach this address.
pub fn refused(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast()
                || METADATA.contains(&v4)
        }
        IpAddr::V6(v6) if v6.is_loopback() => false,
        IpAddr::V6(v6) => {
            let words = v6.segments();
            v6.is_unspecified()
                || v6.is_multicast()
                || words[0] & 0xffc0 == 0xfe80
                // AWS, fd00:ec2::/32.
                || words[..2] == [0xfd00, 0x0ec2]
                || inner(v6).is_some_and(|v4| refused(IpAddr::V4(v4)))
        }
    }
}

/// The version 4 address that a version 6 one stands for: mapped (::ffff:a.b.c.d), compatible
/// (::a.b.c.d) or translated (64:ff9b::a.b.c.d).
fn inner(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let words = v6.segments();
    let prefix = &words[..6];
    let known = prefix == [0; 6] || prefix == [0, 0, 0, 0, 0, 0xffff] || prefix == [0x64, 0xff9b, 0, 0, 0, 0];
    let [a, b] = words[6].to_be_bytes();
    let [c, d] = words[7].to_be_bytes();
    known.then(|| Ipv4Addr::new(a, b, c, d))
}

/// Resolves names, and leaves out the addresses that a step must not reach. The connection is
/// made to what is resolved here, so that a name cannot change its mind in between.
pub struct Guarded;

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let may: Vec<SocketAddr> = all.into_iter().filter(|a| !refused(a.ip())).collect();
            if may.is_empty() {
                let why = format!("{} leads only to addresses that a step must not reach", name.as_str());
                return Err(why.into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_and_link_local_are_refused_in_every_spelling() {
        for ip in [
            "169.254.169.254",
            "169.254.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
            "224.0.0.1",
        ] {
            assert!(refused(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "127.0.0.1",
            "::1",
            "10.0.0.5",
            "192.168.1.1",
            "93.184.216.34",
            "2606:2800::1",
            "::ffff:127.0.0.1",
            "fd12::1",
        ] {
            assert!(!refused(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_only_to_such_an_address_leads_nowhere() {
        // A numeric name resolves to itself, without anybody being asked.
        let refused = Guarded.resolve("169.254.169.254".parse().unwrap()).await;
        assert!(refused.is_err_and(|e| e.to_string().contains("must not reach")));
        let found = Guarded.resolve("127.0.0.1".parse().unwrap()).await.unwrap();
        assert_eq!(found.count(), 1);
    }
}
