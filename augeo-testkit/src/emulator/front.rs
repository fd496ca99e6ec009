//! The easy front: a world with its clock, its transport and its credential.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::clock::{Now, virtual_now, wall_now};
use super::credential::EmulatorCredential;
use super::duration::Durations;
use super::log::{Log, WorldError};
use super::request::{ArmRequest, ArmResponse};
use super::transport::EmulatorTransport;
use super::world::{World, WorldOptions};

#[derive(Debug)]
struct Inside {
    world: World,
    log: Option<Log>,
}

/// A world that several fronts share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    inside: Arc<Mutex<Inside>>,
    now: Now,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // A panic inside the world has left it as it was before the request, or after it.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn handle(&self, request: &ArmRequest) -> Result<ArmResponse, WorldError> {
        let mut inside = self.lock();
        let Inside { world, log } = &mut *inside;
        let Some(log) = log else {
            return Ok(world.handle(self.now.get(), request));
        };
        // The time is read under the lock: two processes never write out of order.
        log.exclusively(world, |world| world.handle(self.now.get(), request))
    }
}

/// An emulator: a world, the clock that it lives by, and the ways to reach it.
///
/// ```
/// # use augeo_testkit::emulator::{ArmRequest, Emulator, Method};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let emulator = Emulator::new();
/// let request = ArmRequest::new(Method::Get, "/subscriptions?api-version=2022-12-01");
/// assert_eq!(emulator.handle(&request).unwrap().status, 401);
/// assert_eq!(emulator.handle(&request.bearer(&emulator.credential().token())).unwrap().status, 200);
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct Emulator {
    shared: Shared,
    options: WorldOptions,
}

impl Emulator {
    /// An emulator in memory that lives by tokio's clock, paused or not, with the default options.
    pub fn new() -> Self {
        Self::with_options(WorldOptions::default())
    }

    /// The same with options.
    pub fn with_options(options: WorldOptions) -> Self {
        Self::in_memory(options, virtual_now())
    }

    /// The same with a profile of durations.
    pub fn with_durations(durations: Durations) -> Self {
        Self::with_options(WorldOptions {
            durations,
            ..WorldOptions::default()
        })
    }

    /// An emulator in memory that lives by a clock of one's own.
    pub fn in_memory(options: WorldOptions, now: Now) -> Self {
        Self::of(World::new(options.clone()), None, options, now)
    }

    /// An emulator around a world that exists already: a fork, a snapshot.
    pub fn around(world: World, now: Now) -> Self {
        let options = world.options().clone();
        Self::of(world, None, options, now)
    }

    /// An emulator whose world is kept in a file and that lives by the wall clock. The file is made where there
    /// is none; several processes may open it at once.
    pub fn open(path: &Path, options: WorldOptions) -> Result<Self, WorldError> {
        Self::open_at(path, options, wall_now())
    }

    /// The same with a clock of one's own.
    pub fn open_at(path: &Path, options: WorldOptions, now: Now) -> Result<Self, WorldError> {
        let mut world = World::new(options.clone());
        let log = Log::open(path, &mut world)?;
        Ok(Self::of(world, Some(log), options, now))
    }

    fn of(world: World, log: Option<Log>, options: WorldOptions, now: Now) -> Self {
        Self {
            shared: Shared {
                inside: Arc::new(Mutex::new(Inside { world, log })),
                now,
            },
            options,
        }
    }

    /// A transport for `azure_core`'s clients.
    pub fn transport(&self) -> EmulatorTransport {
        EmulatorTransport::new(self.shared.clone())
    }

    /// A credential that this emulator accepts.
    pub fn credential(&self) -> Arc<EmulatorCredential> {
        EmulatorCredential::new(self.options.tenant.clone(), self.shared.now.clone())
    }

    /// The first subscription of the world.
    pub fn subscription_id(&self) -> &str {
        self.options
            .subscriptions
            .first()
            .map_or(super::world::SUBSCRIPTION_ID, String::as_str)
    }

    /// The tenant of the world.
    pub fn tenant_id(&self) -> &str {
        &self.options.tenant
    }

    /// The clock of the world.
    pub fn now(&self) -> Now {
        self.shared.now.clone()
    }

    /// Answers one request at once: the service's own latency is told in the response, not waited for.
    pub fn handle(&self, request: &ArmRequest) -> Result<ArmResponse, WorldError> {
        self.shared.handle(request)
    }

    /// Looks at the world as it is now or changes it behind its clients' backs; changes are kept where the world is kept.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> Result<T, WorldError> {
        let now = self.shared.now.clone();
        let act = move |world: &mut World| {
            world.settle(now.get());
            act(world)
        };
        let mut inside = self.shared.lock();
        let Inside { world, log } = &mut *inside;
        match log {
            Some(log) => log.exclusively(world, act),
            None => Ok(act(world)),
        }
    }

    /// A copy of the world as it is now.
    pub fn snapshot(&self) -> World {
        let mut world = self.shared.lock().world.clone();
        world.settle(self.shared.now.get());
        world
    }

    /// Puts another world in the place of this one; only for worlds that no file keeps.
    ///
    /// # Errors
    ///
    /// When a file keeps the world.
    pub fn restore(&self, world: World) -> Result<(), WorldError> {
        let mut inside = self.shared.lock();
        if let Some(log) = &inside.log {
            return Err(log.refuse_restore());
        }
        inside.world = world;
        Ok(())
    }

    /// Waits until the disk has the world's file: what a program does that must survive a loss of power.
    pub fn sync(&self) -> Result<(), WorldError> {
        self.shared.lock().log.as_ref().map_or(Ok(()), Log::sync)
    }

    /// Writes the file anew without what is past; does nothing where another process has it open.
    pub fn compact(&self) -> Result<bool, WorldError> {
        let mut inside = self.shared.lock();
        let Inside { world, log } = &mut *inside;
        log.as_mut().map_or(Ok(false), |log| log.compact(world))
    }
}

impl Default for Emulator {
    fn default() -> Self {
        Self::new()
    }
}
